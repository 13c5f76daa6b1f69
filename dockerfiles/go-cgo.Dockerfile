# check=error=true
# Rendered from dockerfiles/go-cgo.Dockerfile: change that, or write `dockerfile: own` in service.yaml.{{/* Values in braces: docs/services.md. */}}
# Line 1: warnings are errors. Builds repeat bit for bit: times are SOURCE_DATE_EPOCH, compiling has no network. with-secrets adds secrets, all
# optional: ca (a private network's certificates), debian-mirror, goenv, netrc. apt's cache: one build at a time (locked); docker-clean empties it.
# toolchain: for the build machine; clang compiles C for all platforms. g++: for test and debug. GOWORK=off: go.mod decides, not a workspace.
FROM --platform=$BUILDPLATFORM golang:1.26-trixie@sha256:bdca99a00bc16590cb1a0bb4e698f5fc5d6a64e4d5eef13d9f18a0ee08e5fa65 AS toolchain
COPY dockerfiles/bin/ /usr/local/bin/
RUN --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror --mount=type=cache,id=apt-toolchain,target=/var/cache/apt,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean && with-secrets apt-get update --error-on=any \
 && with-secrets apt-get install -y --no-install-recommends clang g++ lld pkgconf python3-pyelftools && rm -r /var/lib/apt/lists/*
COPY dockerfiles/debian/ dockerfiles/go-cgo/ /usr/local/bin/
ENV GOWORK=off
# base: packages of the target, cut down by debian-base; one layer for all services. base-files: os-release; gcc-14-base: libgcc-s1's licence.
FROM toolchain AS base
ARG TARGETARCH SOURCE_DATE_EPOCH=1767225600
RUN --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror --mount=type=cache,id=debian-$TARGETARCH,target=/var/cache/debian \
    with-secrets debian-unpack $TARGETARCH /base base-files ca-certificates gcc-14-base libc6 libgcc-s1 netbase tzdata \
 && debian-base /base && find /base -exec touch -hd @$SOURCE_DATE_EPOCH {} +
# source: folders keep their places (--parents), for `replace => ../../libs/x`. Modules are in a layer, as later steps have no network.
FROM toolchain AS source
COPY --parents {{.Sources "go.mod" "go.sum*"}} /src/
RUN --mount=type=secret,id=ca --mount=type=secret,id=goenv,target=/root/.config/go/env --mount=type=secret,id=netrc,target=/root/.netrc \
    for dir in {{.Sources}}; do with-secrets go -C /src/$dir mod download || exit; done
COPY --parents {{.Sources}} /src/
WORKDIR /src/{{.Dir}}
# test: the service and its shared modules, for the build machine, with `packages` and `build_packages` installed.
FROM source AS test
RUN --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror --mount=type=cache,id=apt-toolchain,target=/var/cache/apt,sharing=locked \
    with-secrets apt-get update --error-on=any && with-secrets apt-get install -y --no-install-recommends {{.BuildPackages}} {{.Packages}}
RUN --network=none --mount=type=cache,target=/root/.cache/go-build \
    for dir in {{.Sources}}; do cd /src/$dir && gofmt -d . && go vet -race ./... && go test -race ./... || exit; done
# debug: every command, unoptimised, under Delve on port 2345; /app has `files`. sh gets CMD as $0 and $@: Delve wants -- before the arguments.
FROM test AS debug
RUN --mount=type=secret,id=ca --mount=type=secret,id=goenv,target=/root/.config/go/env --mount=type=secret,id=netrc,target=/root/.netrc \
    --mount=type=cache,target=/root/.cache/go-build with-secrets go install github.com/go-delve/delve/cmd/dlv@v1.27.2 \
 && go build -gcflags="all=-N -l" -o / ./... && ln -s $PWD /app
{{.Listen}}
ENTRYPOINT ["sh", "-c", "exec dlv exec --headless --listen=:2345 --accept-multiclient --continue \"$0\" -- \"$@\""]
CMD {{or .Command .Program}}
# build: every command, in / under its own name, and `files`. go-cross is go with clang for the target and /sysroot. The image has /packages over
# /base: `packages` and, by debian-libraries, what commands load. --over: with dependencies that /base lacks. debian-records: for scanners.
FROM base AS build
RUN --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror --mount=type=cache,id=debian-$TARGETARCH,target=/var/cache/debian \
    with-secrets debian-unpack --over /base $TARGETARCH /sysroot base-files libc6 libgcc-s1 libc6-dev libgcc-14-dev libstdc++-14-dev {{.BuildPackages}} \
 && with-secrets debian-unpack --over /base $TARGETARCH /packages {{.Packages}}
COPY --from=source --parents /go/pkg /src /
RUN --network=none --mount=type=cache,target=/root/.cache/go-build cd /src/{{.Dir}} && go-cross build -trimpath -ldflags="-s -w" -o /rootfs/ ./... \
 && mkdir /rootfs/app && for file in {{.Files}}; do cp -a --parents "$file" /rootfs/app || exit; done && chmod -R u=rwX,go=rX /rootfs \
 && debian-libraries /packages --with /rootfs --over /base --from /sysroot --packages {{.Packages}} && debian-records /packages /base \
 && find /rootfs /packages -exec touch -hd @$SOURCE_DATE_EPOCH {} +
FROM scratch AS runtime
COPY --from=base /base /
COPY --from=build /packages /
COPY --from=build /rootfs /
LABEL org.opencontainers.image.title="{{.Name}}" org.opencontainers.image.description="{{.Description}}" org.opencontainers.image.licenses="{{.Licenses}}" org.opencontainers.image.source="{{.Source}}"
WORKDIR /app
{{.Listen}}
USER 65532:65532
HEALTHCHECK {{.Probe}}
ENTRYPOINT {{or .Command .Program}}
