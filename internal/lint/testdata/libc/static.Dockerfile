FROM golang:1.26 AS go
ENV CGO_ENABLED=0
RUN go build -o /server .
FROM gcc:15 AS c
RUN gcc -static -o /hello hello.c
FROM rust:1.90 AS rust
RUN cargo build --release --target x86_64-unknown-linux-musl
FROM node:24 AS web
RUN npm ci && npm run build
FROM alpine:3.23 AS runtime
COPY --from=go /server /server
COPY --from=c /hello /hello
COPY --from=rust /target/release/x /x
COPY --from=web /app/dist /www
COPY --from=web /etc/mime.types /etc/
