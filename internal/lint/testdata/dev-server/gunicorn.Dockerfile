FROM python:3.13
# want: dev-server/gunicorn_--reload
CMD ["gunicorn", "--reload", "x:app"]
