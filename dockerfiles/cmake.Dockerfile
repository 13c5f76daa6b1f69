# check=error=true
# Rendered from dockerfiles/cmake.Dockerfile: change that, or write `dockerfile: own` in service.yaml.{{/* Values in braces: docs/services.md. */}}
# Line 1 turns warnings into errors. Two builds are the same bit for bit: times are SOURCE_DATE_EPOCH, compiling has no network. with-secrets
# runs a command with secrets, all optional: ca (a private network's certificates), debian-mirror, netrc (passwords). apt's cache mount is for one
# build at a time (locked), and docker-clean would empty it; --error-on: an unreachable package list is an error.
# toolchain: clang compiles for all platforms; CMake takes its defaults from ENV.
FROM --platform=$BUILDPLATFORM debian:trixie-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f AS toolchain
COPY dockerfiles/bin/ /usr/local/bin/
RUN --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror --mount=type=cache,id=apt-toolchain,target=/var/cache/apt,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean && with-secrets apt-get update --error-on=any && with-secrets apt-get install -y --no-install-recommends \
    ca-certificates clang cmake git lld llvm ninja-build pkgconf python3-pyelftools && rm -r /var/lib/apt/lists/*
COPY dockerfiles/debian/ dockerfiles/cmake/ /usr/local/bin/
ENV CC=clang CXX=clang++ CMAKE_GENERATOR=Ninja CMAKE_INSTALL_PREFIX=/usr CMAKE_EXPORT_COMPILE_COMMANDS=ON
# base: packages of the target, cut down by debian-base; one layer for all services. base-files: os-release; gcc-14-base: libgcc-s1's licence.
FROM toolchain AS base
ARG TARGETARCH SOURCE_DATE_EPOCH=1767225600
RUN --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror --mount=type=cache,id=debian-$TARGETARCH,target=/var/cache/debian \
    with-secrets debian-unpack $TARGETARCH /base base-files ca-certificates gcc-14-base libc6 libgcc-s1 netbase tzdata \
 && debian-base /base && find /base -exec touch -hd @$SOURCE_DATE_EPOCH {} +
# build: CMake may download when it configures. It compiles against /sysroot. /packages, which the image has over /base, gets `packages` and, by
# debian-libraries, what the programs load. --over: with dependencies that /base lacks. --lean: nothing for developers. debian-records: for scanners.
FROM base AS build
RUN --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror --mount=type=cache,id=debian-$TARGETARCH,target=/var/cache/debian \
    with-secrets debian-unpack --over /base $TARGETARCH /sysroot base-files libc6 libgcc-s1 libc6-dev libgcc-14-dev libstdc++-14-dev {{.BuildPackages}} \
 && with-secrets debian-unpack --over /base $TARGETARCH /packages {{.Packages}}
COPY --parents {{.Sources}} /src/
WORKDIR /src/{{.Dir}}
RUN --mount=type=secret,id=ca --mount=type=secret,id=netrc,target=/root/.netrc \
    with-secrets cmake -B /build -D CMAKE_BUILD_TYPE=Release --toolchain /usr/local/bin/toolchain.cmake
RUN --network=none cmake --build /build && cmake-install /build /rootfs --lean {{.Files}} \
 && debian-libraries /packages --with /rootfs --over /base --from /sysroot --packages {{.Packages}} && debian-records /packages /base \
 && find /rootfs /packages -exec touch -hd @$SOURCE_DATE_EPOCH {} +
# test: target lint, if any, and ctest, of the service and its shared folders, in their places (--parents). libclang-rt-dev: sanitizers.
FROM toolchain AS test
RUN --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror --mount=type=cache,id=apt-toolchain,target=/var/cache/apt,sharing=locked \
    with-secrets apt-get update --error-on=any && with-secrets apt-get install -y --no-install-recommends \
    clang-format clang-tidy gdb libclang-rt-dev libstdc++-14-dev python3 {{.BuildPackages}} {{.Packages}} && rm -r /var/lib/apt/lists/*
COPY --parents {{.Sources}} /src/
RUN --mount=type=secret,id=ca --mount=type=secret,id=netrc,target=/root/.netrc \
    for dir in {{.Sources}}; do with-secrets cmake -S /src/$dir -B /build/$dir -D CMAKE_BUILD_TYPE=Debug || exit; done
RUN --network=none cmake-test {{.Sources}}
# debug: what the tests compiled, with symbols, under gdb, for the build machine; /app has `files`. Run it with -it.
FROM test AS debug
WORKDIR /src/{{.Dir}}
RUN cmake-install /build/{{.Dir}} / && ln -s $PWD /app
{{.Listen}}
ENTRYPOINT ["gdb", "-ex", "run", "--args"]
CMD {{or .Command .Program}}
# runtime: what seldom changes comes first. 65532 is `nonroot`, as in distroless images.
FROM scratch AS runtime
COPY --from=base /base /
COPY --from=build /packages /
COPY --from=build /rootfs /
LABEL org.opencontainers.image.title="{{.Name}}" org.opencontainers.image.description="{{.Description}}" \
      org.opencontainers.image.licenses="{{.Licenses}}" org.opencontainers.image.source="{{.Source}}"
WORKDIR /app
{{.Listen}}
USER 65532:65532
HEALTHCHECK {{.Probe}}
ENTRYPOINT {{or .Command .Program}}
