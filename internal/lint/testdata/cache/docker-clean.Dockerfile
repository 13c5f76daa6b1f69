FROM debian:trixie-slim AS build
# want: cache/docker-clean
RUN --mount=type=cache,target=/var/cache/apt apt-get update && apt-get install -y g++
# want: cache/docker-clean
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get update && apt-get install -y g++
RUN rm -f /etc/apt/apt.conf.d/docker-clean
# want: cache/is_shared
RUN --mount=type=cache,target=/var/cache/apt apt-get install -y g++
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get install -y g++
FROM build
RUN --mount=type=cache,target=/var/cache/apt,sharing=private apt-get install -y g++
FROM example.com/own-debian
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get install -y g++
FROM node:24-alpine
RUN --mount=type=cache,target=/var/cache/apk apk add g++
