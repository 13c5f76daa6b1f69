# check=error=true
# Rendered from dockerfiles/go.Dockerfile: change that, or write `dockerfile: own` in service.yaml.{{/* Values in braces: docs/services.md. */}}
# Line 1 turns warnings into errors. Times in the image are SOURCE_DATE_EPOCH (2026-01-01): two builds give the same image, bit for bit.
# with-secrets runs a command with secrets, all optional: ca (a private network's certificates), goenv (Go's settings), netrc (passwords).
# toolchain: runs on the build machine and cross-compiles. CGO_ENABLED=0: programs need no C library. GOWORK=off: go.mod alone decides.
FROM --platform=$BUILDPLATFORM golang:1.26-trixie@sha256:bdca99a00bc16590cb1a0bb4e698f5fc5d6a64e4d5eef13d9f18a0ee08e5fa65 AS toolchain
COPY dockerfiles/bin/ dockerfiles/go/ /usr/local/bin/
ENV CGO_ENABLED=0 GOWORK=off

# base: certificates of the public authorities, for TLS, and the record of their Debian package; the secret `ca` does not get into the image.
FROM toolchain AS base
ARG SOURCE_DATE_EPOCH=1767225600
RUN go-base /rootfs && find /rootfs -exec touch -hd @$SOURCE_DATE_EPOCH {} +

# source: the service's folder and its shared ones, in their places (--parents), for `replace => ../../libs/x`. Modules are in a layer, not in
# a cache mount, as later steps have no network. `go.sum*`: the file may be missing.
FROM toolchain AS source
COPY --parents {{.Sources "go.mod" "go.sum*"}} /src/
RUN --mount=type=secret,id=ca --mount=type=secret,id=goenv,target=/root/.config/go/env --mount=type=secret,id=netrc,target=/root/.netrc \
    for dir in {{.Sources}}; do with-secrets go -C /src/$dir mod download || exit; done
COPY --parents {{.Sources}} /src/
WORKDIR /src/{{.Dir}}

# test: the service and its shared modules. The race detector needs cgo; with -race, vet shares the packages that the tests compile.
FROM source AS test
RUN --network=none --mount=type=cache,target=/root/.cache/go-build export CGO_ENABLED=1 \
 && for dir in {{.Sources}}; do cd /src/$dir && gofmt -d . && go vet -race ./... && go test -race ./... || exit; done

# build: every command of the module, in / under its own name; in /app, `files` of service.yaml. Only this stage knows the target platform.
# go-without-cgo fails where a package needs C code. chmod: file modes of a checkout depend on the umask.
FROM source AS build
ARG TARGETOS TARGETARCH SOURCE_DATE_EPOCH=1767225600
RUN --network=none --mount=type=cache,target=/root/.cache/go-build export GOOS=$TARGETOS GOARCH=$TARGETARCH \
 && go-without-cgo ./... && go build -trimpath -ldflags="-s -w" -o /rootfs/ ./... && mkdir /rootfs/app
RUN for file in {{.Files}}; do cp -a --parents "$file" /rootfs/app || exit; done \
 && chmod -R u=rwX,go=rX /rootfs && find /rootfs -exec touch -hd @$SOURCE_DATE_EPOCH {} +

# debug: the commands, unoptimised, for the build machine; /app has `files`. sh gets CMD as $0 and $@: Delve wants -- before the arguments.
FROM toolchain AS delve
RUN --mount=type=secret,id=ca --mount=type=secret,id=goenv,target=/root/.config/go/env --mount=type=secret,id=netrc,target=/root/.netrc \
    --mount=type=cache,target=/root/.cache/go-build with-secrets go install github.com/go-delve/delve/cmd/dlv@v1.27.2
FROM source AS debug
COPY --from=delve /go/bin/dlv /usr/local/bin/dlv
RUN --network=none --mount=type=cache,target=/root/.cache/go-build go build -gcflags="all=-N -l" -o / ./... && ln -s $PWD /app
{{.Listen}}
EXPOSE 2345
ENTRYPOINT ["sh", "-c", "exec dlv exec --headless --listen=:2345 --accept-multiclient --continue \"$0\" -- \"$@\""]
CMD {{or .Command .Program}}

# runtime: what seldom changes comes first, so that an update pulls the programs alone. 65532 is `nonroot`, as in distroless images.
FROM scratch AS runtime
COPY --from=base /rootfs /
COPY --from=build /rootfs /
LABEL org.opencontainers.image.title="{{.Name}}" org.opencontainers.image.description="{{.Description}}" \
      org.opencontainers.image.licenses="{{.Licenses}}" org.opencontainers.image.source="{{.Source}}"
WORKDIR /app
{{.Listen}}
USER 65532:65532
HEALTHCHECK {{.Probe}}
ENTRYPOINT {{or .Command .Program}}
