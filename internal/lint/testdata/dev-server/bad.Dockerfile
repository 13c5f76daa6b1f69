FROM python:3.13
# want: dev-server/flask_run
ENTRYPOINT ["python", "-m", "flask", "--app", "x", "run"]
# want: dev-server/npm_run_dev
CMD npm run dev
