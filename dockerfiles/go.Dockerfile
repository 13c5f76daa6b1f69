# check=error=true
# Rendered from dockerfiles/go.Dockerfile: change that, or write `dockerfile: own` in service.yaml.

# All times in the image are this one, so that two builds of the same sources are the same to the bit.
ARG SOURCE_DATE_EPOCH=1767225600

# toolchain: runs on the build machine's own platform; Go cross-compiles, so nothing is emulated.
FROM --platform=$BUILDPLATFORM golang:1.26-trixie@sha256:bdca99a00bc16590cb1a0bb4e698f5fc5d6a64e4d5eef13d9f18a0ee08e5fa65 AS toolchain
# GOWORK=off and readonly: this module's go.mod and go.sum decide, and nothing rewrites them.
ENV CGO_ENABLED=0 GOFLAGS=-mod=readonly GOWORK=off
WORKDIR /src

# certificates: the public roots that the base trusts. A `ca` secret is for the build's own downloads, never for this.
FROM toolchain AS certificates
ARG SOURCE_DATE_EPOCH
RUN install -D -m 0644 /etc/ssl/certs/ca-certificates.crt /rootfs/etc/ssl/certs/ca-certificates.crt \
 && find /rootfs -exec touch -hd @$SOURCE_DATE_EPOCH {} +

# source: modules stay in a layer, not in a cache mount, so that everything below works without a network.
FROM toolchain AS source
COPY services/{{.Name}}/go.mod services/{{.Name}}/go.sum* ./
RUN --mount=type=bind,source=dockerfiles/bin/with-secrets,target=/opt/bin/with-secrets \
    --mount=type=secret,id=ca \
    --mount=type=secret,id=goenv --mount=type=secret,id=netrc \
    /opt/bin/with-secrets go mod download
COPY services/{{.Name}}/ ./

# test: formatting, vet and unit tests, for the build machine. The race detector is C; vet shares what it compiles.
FROM source AS test
ENV CGO_ENABLED=1
RUN gofmt -d .
RUN --network=none --mount=type=cache,target=/root/.cache/go-build go vet -race ./...
RUN --network=none --mount=type=cache,target=/root/.cache/go-build go test -race ./...

# build: the target platform appears only here, so that all platforms share what is above.
FROM source AS build
ARG TARGETOS TARGETARCH SOURCE_DATE_EPOCH
RUN --network=none --mount=type=cache,target=/root/.cache/go-build \
    GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags="-s -w" -o /rootfs/{{.Name}} . \
 && find /rootfs -exec touch -hd @$SOURCE_DATE_EPOCH {} +

# debug: the same program unoptimised under Delve, for the build machine's platform.
FROM toolchain AS delve
RUN --mount=type=bind,source=dockerfiles/bin/with-secrets,target=/opt/bin/with-secrets \
    --mount=type=secret,id=ca \
    --mount=type=secret,id=goenv --mount=type=secret,id=netrc \
    --mount=type=cache,target=/root/.cache/go-build \
    /opt/bin/with-secrets go install github.com/go-delve/delve/cmd/dlv@v1.27.2

FROM source AS debug
COPY --from=delve /go/bin/dlv /usr/local/bin/dlv
RUN --network=none --mount=type=cache,target=/root/.cache/go-build \
    go build -gcflags="all=-N -l" -o /usr/local/bin/{{.Name}} .
ENV PORT={{.Port}}
EXPOSE {{.Port}} 2345
ENTRYPOINT ["dlv", "exec", "--headless", "--listen=:2345", "--accept-multiclient", "--continue", "/usr/local/bin/{{.Name}}"]

# runtime: from what changes seldom to what changes often, so that an update pulls the program alone.
FROM scratch AS runtime
COPY --from=certificates /rootfs /
COPY --from=build /rootfs /
LABEL org.opencontainers.image.title="{{.Name}}" \
      org.opencontainers.image.description="{{.Description}}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://example.com/stagecraft"
ENV PORT={{.Port}}
EXPOSE {{.Port}}
USER 65532:65532
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["/{{.Name}}", "--probe"]
ENTRYPOINT ["/{{.Name}}"]
