FROM debian:trixie-slim AS build
RUN apt-get update && apt-get install -y g++
FROM debian:trixie-slim
RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
RUN --mount=type=cache,target=/var/lib/apt,sharing=locked apt-get update
RUN apt-get install -s postgresql-18-jit
RUN --mount=type=tmpfs,target=/var/lib/apt/lists apt-get update
RUN echo 'APT::Install-Recommends "false";' > /etc/apt/apt.conf.d/99x
RUN apt-get install -y git
CMD ["curl"]
