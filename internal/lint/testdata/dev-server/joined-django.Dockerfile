FROM python:3.13
# want: dev-server/runserver
ENTRYPOINT ["python", "manage.py"]
CMD ["runserver", "0.0.0.0:8000"]
