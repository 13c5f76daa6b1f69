FROM python:3.13 AS one
CMD ["flask", "run"]
FROM python:3.13 AS two
ENTRYPOINT ["gunicorn", "--bind=:8000", "app:create_app()"]
CMD ["npm", "start"]
