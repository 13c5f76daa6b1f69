# The article's way, for comparison alone: the builder runs on the target platform, emulated where that is another one. On our
# own bases, and with caches for downloads, so that what differs is the way.
FROM debian:trixie-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f AS python
ARG TARGETARCH
RUN --mount=type=bind,source=dockerfiles/bin,target=/opt/bin \
    --mount=type=secret,id=ca \
    --mount=type=cache,id=article-apt-$TARGETARCH,target=/var/cache/apt,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean \
 && /opt/bin/with-secrets apt-get update \
 && /opt/bin/with-secrets apt-get install -y --no-install-recommends python3

FROM python AS builder
ARG TARGETARCH
RUN --mount=type=bind,source=dockerfiles/bin,target=/opt/bin \
    --mount=type=secret,id=ca \
    --mount=type=cache,id=article-apt-$TARGETARCH,target=/var/cache/apt,sharing=locked \
    /opt/bin/with-secrets apt-get install -y --no-install-recommends python3-pip
WORKDIR /src
RUN --mount=type=bind,source=dockerfiles/bin,target=/opt/bin \
    --mount=type=secret,id=ca --mount=type=secret,id=netrc,target=/root/.netrc --mount=type=secret,id=pip,target=/root/.config/pip/pip.conf \
    --mount=type=cache,id=article-pip,target=/root/.cache/pip \
    /opt/bin/with-secrets pip install flask httpx python-json-logger waitress --target=/install

FROM python
LABEL maintainer="devops@example.com"
ENV PYTHONUNBUFFERED=1 PYTHONPATH=/install
WORKDIR /app
COPY --from=builder /install /install
COPY libs/python/src services/hello-python/src ./
EXPOSE 5000
CMD ["python3", "-m", "service"]
