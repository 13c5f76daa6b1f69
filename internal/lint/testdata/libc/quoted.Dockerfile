FROM golang:1.26 AS build
ENV CGO_ENABLED="0"
RUN go build -o /out/server ./cmd/server
FROM alpine:3.23 AS runtime
COPY --from=build /out/server /server
