FROM alpine
ARG APP_USER=web
# want: user/web
USER ${APP_USER}
