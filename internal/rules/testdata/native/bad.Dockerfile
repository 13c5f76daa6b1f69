# want: native/stage_build_runs_1
FROM golang:1.26 AS build
ARG TARGETARCH
RUN go build -o /x
# want: native/linux/amd64
FROM --platform=linux/amd64 node:24 AS web
RUN npm ci
FROM golang AS test
RUN go test ./...
FROM scratch AS runtime
COPY --from=build /x /x
COPY --from=web /www /www
ENTRYPOINT ["/x"]
