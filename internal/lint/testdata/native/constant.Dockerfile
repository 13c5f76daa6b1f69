FROM --platform=$BUILDPLATFORM alpine AS files
# want: native/linux/amd64
FROM --platform=linux/amd64 node:24 AS web
RUN npm ci
FROM scratch AS runtime
COPY --from=web /www /www
COPY --from=files /x /x
ENTRYPOINT ["/x"]
