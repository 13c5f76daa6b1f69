FROM --platform=$BUILDPLATFORM debian AS base
RUN apt-get update && apt-get install -y clang
ARG TARGETARCH
RUN apt-get install -y gcc-$TARGETARCH
RUN xx-apk add musl-dev
RUN apt-get install -y gcc-$(xx-info march)
RUN <<EOF
apt-get install libc6:${TARGETARCH}
EOF
RUN --mount=type=cache,id=npm-$TARGETARCH,target=/root/.npm npm ci
RUN go build -o /x
FROM debian AS target
ARG TARGETARCH
RUN apt-get install -y curl
