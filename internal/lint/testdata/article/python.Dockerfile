# Wheels of one C library in an image of another, and a server for development, as root.
# want: pinned/slim
FROM python:3.12-slim AS builder
WORKDIR /src
COPY requirements.txt .
RUN --mount=type=cache,target=/root/.cache/pip pip install --require-hashes -r requirements.txt --target=/install

# want: pinned/alpine tools/pip user/root
FROM python:3.12-alpine AS runtime
# want: maintainer
LABEL maintainer="team@example.com"
ENV PYTHONUNBUFFERED=1
WORKDIR /app
# want: libc/glibc
COPY --from=builder /install /usr/local/lib/python3.12/site-packages
COPY app/ .
EXPOSE 5000
# want: dev-server/flask_run
CMD ["flask", "--app=main", "run", "--host=0.0.0.0"]
