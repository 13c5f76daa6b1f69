# The article's way, for comparison alone: the builder runs on the target platform, emulated where that is another one. On our
# own bases, and with caches for downloads, so that what differs is the way.
FROM golang:1.26-trixie@sha256:bdca99a00bc16590cb1a0bb4e698f5fc5d6a64e4d5eef13d9f18a0ee08e5fa65 AS builder
WORKDIR /app
ENV GOWORK=off
COPY libs/go/ /libs/go/
COPY services/hello-go/go.mod services/hello-go/go.sum ./
RUN --mount=type=bind,source=dockerfiles/bin,target=/opt/bin \
    --mount=type=secret,id=ca --mount=type=secret,id=netrc,target=/root/.netrc --mount=type=secret,id=goenv,target=/root/.config/go/env \
    --mount=type=cache,id=article-go,target=/go/pkg/mod \
    /opt/bin/with-secrets go mod download
COPY services/hello-go/ ./
RUN --mount=type=cache,id=article-go,target=/go/pkg/mod \
    CGO_ENABLED=0 GOOS=linux go build -a -installsuffix cgo -o server .

FROM debian:trixie-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f
LABEL maintainer="devops@example.com"
RUN groupadd -r app && useradd -r -g app app
WORKDIR /home/app
COPY --from=builder /app/server .
USER app
EXPOSE 8080
ENTRYPOINT ["./server"]
