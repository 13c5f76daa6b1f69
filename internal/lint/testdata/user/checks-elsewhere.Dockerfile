FROM golang:1.26 AS build
RUN go build ./...
FROM psampaz/go-mod-outdated AS outdated
RUN --mount=target=. go-mod-outdated
