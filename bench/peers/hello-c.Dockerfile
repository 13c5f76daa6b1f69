# The same answer from Debian's nginx. Its settings let it run without root on a read-only file system. With ACCESS_LOG set, it logs
# requests as its documentation advises for busy servers: through a buffer.
FROM debian:trixie-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f
RUN --mount=type=bind,source=dockerfiles/bin,target=/opt/bin --mount=type=secret,id=ca \
    /opt/bin/with-secrets apt-get update -q \
 && /opt/bin/with-secrets apt-get install -qy nginx-light
COPY <<'EOF' /etc/nginx/nginx.conf
worker_processes auto;
pid /tmp/nginx.pid;
error_log /dev/stderr;
events { worker_connections 768; }
http {
    log_format lines escape=json '{"time":"$time_iso8601","level":"info","message":"request","method":"$request_method",'
        '"path":"$uri","status":$status,"bytes":$body_bytes_sent,"duration_s":$request_time}';
    access_log off;
    client_body_temp_path /tmp/body;
    fastcgi_temp_path /tmp/fastcgi;
    proxy_temp_path /tmp/proxy;
    scgi_temp_path /tmp/scgi;
    uwsgi_temp_path /tmp/uwsgi;
    default_type text/plain;
    server {
        listen 8080;
        location = / { return 200 "Hello from multi-stage C!\n"; }
    }
}
EOF
RUN sed 's|access_log off|access_log /dev/stdout lines buffer=32k flush=1s|' /etc/nginx/nginx.conf >/etc/nginx/nginx-log.conf
LABEL jobs="greets"
USER www-data
CMD ["sh", "-c", "exec nginx -c /etc/nginx/nginx${ACCESS_LOG:+-log}.conf -g 'daemon off;'"]
