# want: tools/pip
FROM python:3.13-slim
RUN rm -rf ~/.cache/pip /tmp/pip /var/lib/apt/lists/*
CMD ["python", "app.py"]
