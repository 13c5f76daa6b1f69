FROM --platform=$BUILDPLATFORM golang:1.26 AS base
RUN go version
FROM base AS build
ARG TARGETARCH
RUN GOARCH=$TARGETARCH go build -o /x
FROM node:24 AS node
FROM node:24 AS runtime
COPY --from=build /x /x
COPY --from=node /usr/local/bin/node /node
