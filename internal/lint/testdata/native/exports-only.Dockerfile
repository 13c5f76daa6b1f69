FROM golang:1.26 AS build
ARG TARGETARCH
RUN go generate ./...
FROM scratch AS update
COPY --from=build /x /x
