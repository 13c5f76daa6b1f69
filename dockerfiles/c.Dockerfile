# check=error=true
# Rendered from dockerfiles/c.Dockerfile: change that, or write `dockerfile: own` in service.yaml.{{/* Values in braces: docs/services.md. */}}
# Line 1 turns warnings into errors. Two builds are the same bit for bit: times are SOURCE_DATE_EPOCH, compiling has no network.
# with-secrets runs a command with secrets, both optional: ca (a private network's certificates), debian-mirror (a URL).
# toolchain: clang compiles for all platforms; musl-cc is clang with the target's C library, of /opt/musl. Scripts come last: they change often.
# apt's cache mount is for one build at a time (locked), and docker-clean would empty it; --error-on: an unreachable package list is an error.
FROM --platform=$BUILDPLATFORM debian:trixie-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f AS toolchain
COPY dockerfiles/bin/ /usr/local/bin/
RUN --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror --mount=type=cache,id=apt-toolchain,target=/var/cache/apt,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean && with-secrets apt-get update --error-on=any \
 && with-secrets apt-get install -y --no-install-recommends clang lld llvm make && rm -r /var/lib/apt/lists/*
COPY dockerfiles/debian/ dockerfiles/c/ /usr/local/bin/
RUN --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror --mount=type=cache,id=debian-toolchain,target=/var/cache/debian \
    for arch in amd64 arm64; do with-secrets debian-unpack $arch /opt/musl musl-dev libgcc-14-dev || exit; done
# source: the service's folder and its shared ones, in their places (--parents): one may refer to another as ../../libs/x. make-if runs a
# target that the Makefile has: `clean` removes what a developer's make left.
FROM toolchain AS source
COPY --parents {{.Sources}} /src/
WORKDIR /src/{{.Dir}}
RUN for dir in {{.Sources}}; do cd /src/$dir && make-if clean || exit; done
# test: targets lint and test, if any, of the service and its shared folders. libclang-rt-dev: sanitizers; python3: for tests.
FROM toolchain AS test
RUN --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror --mount=type=cache,id=apt-toolchain,target=/var/cache/apt,sharing=locked \
    with-secrets apt-get update --error-on=any \
 && with-secrets apt-get install -y --no-install-recommends clang-format clang-tidy libclang-rt-dev python3 && rm -r /var/lib/apt/lists/*
COPY --from=source /src/ /src/
RUN --network=none for dir in {{.Sources}}; do cd /src/$dir && make-if lint CC=clang && make-if test CC=clang || exit; done

# build: "$@" overrides what the Makefile sets; to CFLAGS and LDFLAGS, in the environment, it can add: hardened, small, no paths of this build.
# c-install: `make install` or, without that target, a copy of the programs in the list up to END. c-static strips and checks. chmod: umasks vary.
FROM source AS build
ARG TARGETARCH SOURCE_DATE_EPOCH=1767225600
ENV CFLAGS="-O2 -flto -ffunction-sections -fdata-sections -fstack-protector-strong -fstack-clash-protection -ffile-prefix-map=/src=." \
    LDFLAGS="-Wl,--gc-sections,-z,relro,-z,now,-z,noexecstack,-z,pack-relative-relocs"
RUN --network=none set -- CC=musl-cc AR=llvm-ar RANLIB=llvm-ranlib STRIP=llvm-strip && make "$@" && mkdir /rootfs && c-install /rootfs "$@" <<'END'
{{.Commands}}
END
RUN c-static /rootfs && mkdir /rootfs/app && for file in {{.Files}}; do cp -a --parents "$file" /rootfs/app || exit; done \
 && chmod -R u=rwX,go=rX /rootfs && find /rootfs -exec touch -hd @$SOURCE_DATE_EPOCH {} +
# debug: the program, unoptimised, under gdb, for the build machine; /app has `files`. Run it with -it.
FROM source AS debug
RUN --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror --mount=type=cache,id=apt-toolchain,target=/var/cache/apt,sharing=locked \
    with-secrets apt-get update --error-on=any && with-secrets apt-get install -y --no-install-recommends gdb && rm -r /var/lib/apt/lists/*
RUN --network=none export CFLAGS="-O0 -g" && make CC=clang && ln -s $PWD /app && c-install / CC=clang <<'END'
{{.Commands}}
END
WORKDIR /app
{{.Listen}}
ENTRYPOINT ["gdb", "-ex", "run", "--args"]
CMD {{or .Command .Program}}
# runtime: static programs and `files`, nothing else. 65532 is `nonroot`, as in distroless images.
FROM scratch AS runtime
COPY --from=build /rootfs /
LABEL org.opencontainers.image.title="{{.Name}}" org.opencontainers.image.description="{{.Description}}" \
      org.opencontainers.image.licenses="{{.Licenses}}" org.opencontainers.image.source="{{.Source}}"
WORKDIR /app
{{.Listen}}
USER 65532:65532
HEALTHCHECK {{.Probe}}
ENTRYPOINT {{or .Command .Program}}
