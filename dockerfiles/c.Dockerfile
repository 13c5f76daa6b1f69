# check=error=true
# Rendered from dockerfiles/c.Dockerfile: change that, or write `dockerfile: own` in service.yaml.

# toolchain: one compiler for all platforms, and musl for each. Runs on the build machine's own; nothing is emulated.
FROM --platform=$BUILDPLATFORM debian:trixie-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f AS toolchain
# Scripts are mounted one by one: a change to one makes anew only the steps that run it.
RUN --mount=type=bind,source=dockerfiles/bin/with-secrets,target=/opt/bin/with-secrets \
    --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror \
    --mount=type=cache,id=apt-toolchain,target=/var/cache/apt,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean \
 && /opt/bin/with-secrets apt-get update --error-on=any \
 && /opt/bin/with-secrets apt-get install -y --no-install-recommends clang lld make \
 && rm -rf /var/lib/apt/lists/*
RUN --mount=type=bind,source=dockerfiles/bin/with-secrets,target=/opt/bin/with-secrets \
    --mount=type=bind,source=dockerfiles/bin/debian-unpack,target=/opt/bin/debian-unpack \
    --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror \
    --mount=type=cache,id=debian-toolchain,target=/var/cache/debian,sharing=locked \
    for arch in amd64 arm64; do /opt/bin/with-secrets /opt/bin/debian-unpack $arch /opt/musl musl-dev || exit; done
# The Makefile names the program after its folder.
WORKDIR /src/{{.Name}}

FROM toolchain AS source
COPY services/{{.Name}}/ ./

FROM toolchain AS test
RUN --mount=type=bind,source=dockerfiles/bin/with-secrets,target=/opt/bin/with-secrets \
    --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror \
    --mount=type=cache,id=apt-toolchain,target=/var/cache/apt,sharing=locked \
    /opt/bin/with-secrets apt-get update --error-on=any \
 && /opt/bin/with-secrets apt-get install -y --no-install-recommends clang-format clang-tidy libclang-rt-dev python3 \
 && rm -rf /var/lib/apt/lists/*
COPY services/{{.Name}}/ ./
RUN --network=none make lint
RUN --network=none make test

# debug: the same program unoptimised under gdb, for the build machine's platform. Run it with -it.
FROM source AS debug
RUN --mount=type=bind,source=dockerfiles/bin/with-secrets,target=/opt/bin/with-secrets \
    --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror \
    --mount=type=cache,id=apt-toolchain,target=/var/cache/apt,sharing=locked \
    /opt/bin/with-secrets apt-get update --error-on=any \
 && /opt/bin/with-secrets apt-get install -y --no-install-recommends gdb \
 && rm -rf /var/lib/apt/lists/*
RUN --network=none make build/debug/{{.Name}}
ENV PORT={{.Port}}
EXPOSE {{.Port}}
ENTRYPOINT ["gdb", "-ex", "run", "build/debug/{{.Name}}"]

# build: the target platform appears only here, so that all platforms share what is above.
FROM source AS build
ARG TARGETARCH SOURCE_DATE_EPOCH=1767225600
RUN --network=none \
    machine=$(echo $TARGETARCH | sed 's/amd64/x86_64/; s/arm64/aarch64/') \
 && make SYSROOT=/opt/musl TARGET=$machine-linux-musl \
 && install -D build/$machine-linux-musl/{{.Name}} /rootfs/{{.Name}} \
 && find /rootfs -exec touch -hd @$SOURCE_DATE_EPOCH {} +

FROM scratch AS runtime
COPY --from=build /rootfs /
LABEL org.opencontainers.image.title="{{.Name}}" \
      org.opencontainers.image.description="{{.Description}}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://example.com/stagecraft"
ENV PORT={{.Port}}
EXPOSE {{.Port}}
USER 65532:65532
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["/{{.Name}}", "--probe", "{{.Live}}"]
ENTRYPOINT ["/{{.Name}}"]
