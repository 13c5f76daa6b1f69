# The article's way, for comparison alone: the builder runs on the target platform, emulated where that is another one. On our
# own bases, and with caches for downloads, so that what differs is the way.
FROM debian:trixie-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f AS builder
ARG TARGETARCH
RUN --mount=type=bind,source=dockerfiles/bin,target=/opt/bin \
    --mount=type=secret,id=ca \
    --mount=type=cache,id=article-apt-$TARGETARCH,target=/var/cache/apt,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean \
 && /opt/bin/with-secrets apt-get update \
 && /opt/bin/with-secrets apt-get install -y --no-install-recommends gcc libc6-dev
WORKDIR /src
COPY services/hello-c/ .
RUN gcc -static -O2 -std=c17 -D_GNU_SOURCE -DSERVICE='"hello-c"' -Isrc/server -o hello_world src/*.c src/server/*.c

FROM scratch
COPY --from=builder /src/hello_world /hello_world
EXPOSE 8080
ENTRYPOINT ["/hello_world"]
