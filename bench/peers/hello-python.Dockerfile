# The same answer from Flask under gunicorn, both from Debian, with gunicorn's defaults: one worker that serves one request
# after the other, and closes the connection after each. With ACCESS_LOG set, it writes its access log.
FROM debian:trixie-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f
RUN --mount=type=bind,source=dockerfiles/bin,target=/opt/bin --mount=type=secret,id=ca \
    /opt/bin/with-secrets apt-get update -q \
 && /opt/bin/with-secrets apt-get install -qy python3-flask gunicorn
WORKDIR /app
COPY <<'EOF' app.py
from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello():
    return {"message": "Hello from multi-stage Python!"}
EOF
LABEL jobs="greets"
CMD ["sh", "-c", "exec gunicorn --bind 0.0.0.0:$PORT ${ACCESS_LOG:+--access-logfile -} app:app"]
