# want: platform-default/TARGETVARIANT_is_v7
ARG TARGETVARIANT=v7
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
# want: platform-default/TARGETOS_is_linux platform-default/TARGETARCH_is_amd64
ARG TARGETOS=linux TARGETARCH="amd64"
RUN GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /server .
