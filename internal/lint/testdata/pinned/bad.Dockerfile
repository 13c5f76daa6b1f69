ARG V=3
# want: pinned/python:3_has
FROM python:${V} AS build
# want: pinned/busybox
COPY --from=busybox /bin/sh /
# want: pinned/tools
RUN --mount=type=bind,from=example.com:5000/tools,target=/t true
