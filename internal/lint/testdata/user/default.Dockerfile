# A default that nothing sets is who it runs as.
FROM debian:trixie-slim
# want: user/runs_as_root
USER ${APP_UID:-0}
CMD ["/app"]
