FROM golang:1.26 AS build
RUN go build -o /out/server ./cmd/server
FROM alpine:3.23 AS runtime
# want: libc/cgo
COPY --from=build /out/server /server
