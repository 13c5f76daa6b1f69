# want: native/stage_build_runs_1_command_on_the_target_platform;_so_does_web
FROM golang:1.26 AS build
ARG TARGETARCH
RUN GOARCH=$TARGETARCH go build -o /x
FROM --platform=linux/amd64 node:24 AS web
RUN npm ci
FROM golang AS test
RUN go test ./...
FROM scratch AS runtime
COPY --from=build /x /x
COPY --from=web /www /www
ENTRYPOINT ["/x"]
