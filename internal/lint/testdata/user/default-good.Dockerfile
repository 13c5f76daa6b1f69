FROM debian:trixie-slim
ARG APP_UID=1000
USER ${APP_UID:-0}:${APP_GID-0}
CMD ["/app"]
