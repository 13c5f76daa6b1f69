FROM python:3.13-slim
RUN rm -rf /usr/local/lib/python3.13/site-packages/pip* /usr/local/bin/pip*
CMD ["python", "app.py"]
