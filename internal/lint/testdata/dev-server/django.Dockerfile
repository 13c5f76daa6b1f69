FROM python:3.13
# want: dev-server/runserver
CMD ["sh", "-c", "exec python manage.py runserver 0.0.0.0:8000"]
