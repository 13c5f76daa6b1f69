# check=error=true
# Rendered from dockerfiles/python.Dockerfile: change that, or write `dockerfile: own` in service.yaml.{{/* Values in braces: docs/services.md. */}}
# Line 1 turns warnings into errors. Two builds are the same bit for bit: times are SOURCE_DATE_EPOCH, only steps that download have a network.
# with-secrets runs a command with secrets, all optional: ca (a private network's certificates), debian-mirror, pip, uv, netrc (passwords).

# toolchain: uv and, for the build machine, the image's version of Python. git: packages from Git; pyelftools: for debian-libraries. apt's cache
# mount is for one build at a time (locked), and docker-clean would empty it; --error-on: a package list that is unreachable is an error.
# UV_LINK_MODE=copy: a hard link cannot lead out of uv's cache mount. Scripts come last, as they change most often.
FROM --platform=$BUILDPLATFORM debian:trixie-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f AS toolchain
COPY dockerfiles/bin/ /usr/local/bin/
COPY dockerfiles/python/uv.txt /tmp/
RUN --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror --mount=type=secret,id=netrc,target=/root/.netrc \
    --mount=type=secret,id=pip,target=/root/.config/pip/pip.conf --mount=type=cache,id=python-apt,target=/var/cache/apt,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean && with-secrets apt-get -qq update --error-on=any \
 && with-secrets apt-get -qq install -y --no-install-recommends ca-certificates git python3-pyelftools python3.13-venv >/dev/null \
 && rm -rf /var/lib/apt/lists/* \
 && python3.13 -m venv /opt/uv \
 && with-secrets /opt/uv/bin/pip install -q --no-cache-dir --require-hashes -r /tmp/uv.txt \
 && ln -s /opt/uv/bin/uv /usr/local/bin/
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    UV_CACHE_DIR=/var/cache/uv UV_LINK_MODE=copy UV_NO_PROGRESS=1 UV_PYTHON=/usr/bin/python3.13 UV_PYTHON_DOWNLOADS=never
COPY dockerfiles/debian/ dockerfiles/python/ /usr/local/bin/

# base: Debian's Python for the target, the libraries of its modules, public certificates, MIME types, names of ports (netbase), time zones.
# gcc-14-base has the licence of libgcc-s1. python-base removes what no program uses. One layer for all services.
FROM toolchain AS base
ARG TARGETARCH SOURCE_DATE_EPOCH=1767225600
RUN --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror \
    --mount=type=cache,id=debian-$TARGETARCH,target=/var/cache/debian \
    with-secrets debian-unpack $TARGETARCH /base base-files ca-certificates media-types netbase tzdata \
        python3.13-minimal libpython3.13-minimal libpython3.13-stdlib gcc-14-base libbz2-1.0 libc6 libexpat1 libffi8 libgcc-s1 \
        liblzma5 libsqlite3-0 libssl3t64 libuuid1 libzstd1 zlib1g
RUN --network=none python-base /base && find /base -exec touch -hd @$SOURCE_DATE_EPOCH {} +

# packages: those of uv.lock, for the target, and those of Debian that /base lacks (--over). Wheels often need libatomic1, libgomp1, libstdc++6:
# debian-libraries removes what nothing needs, and fails if a library is missing. debian-records corrects the lists that scanners read.
FROM base AS packages
WORKDIR /src/{{.Dir}}
COPY --parents {{.Sources "pyproject.toml" "uv.lock*"}} /src/
RUN --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror --mount=type=secret,id=netrc,target=/root/.netrc \
    --mount=type=secret,id=uv,target=/root/.config/uv/uv.toml --mount=type=cache,id=uv,target=/var/cache/uv \
    --mount=type=cache,id=debian-$TARGETARCH,target=/var/cache/debian \
    with-secrets python-packages $TARGETARCH /packages \
 && with-secrets debian-unpack --over /base $TARGETARCH /packages libatomic1 libgomp1 libstdc++6 {{.Packages}} \
 && debian-libraries /packages --over /base --packages {{.Packages}} \
 && debian-records /packages /base \
 && find /packages -mindepth 1 -type d -empty -delete \
 && find /packages -exec touch -hd @$SOURCE_DATE_EPOCH {} +

# test: linters and tests of the service and its shared projects. The stage is built for the build machine's own platform: copied to /,
# the libraries in /packages serve its Python. python-packages with one argument makes a virtual environment, with packages for development.
FROM packages AS test
RUN --mount=type=secret,id=ca --mount=type=secret,id=netrc,target=/root/.netrc --mount=type=secret,id=uv,target=/root/.config/uv/uv.toml \
    --mount=type=cache,id=uv,target=/var/cache/uv \
    cp -a /packages/. / && with-secrets python-packages /venv
COPY --parents {{.Sources}} /src/
ENV PATH=/venv/bin:$PATH PYTHONPATH=/src/{{.Dir}}/src:/src/{{.Dir}}
RUN --network=none python-test {{.Sources}}

# debug: the service under debugpy, for the build machine. Breakpoints in the standard library need -Xfrozen_modules=off.
FROM test AS debug
{{.Listen}}
EXPOSE 5678
ENTRYPOINT ["python3.13", "-Xfrozen_modules=off", "-m", "debugpy", "--listen", "0.0.0.0:5678"]
CMD {{or .Arguments `["-m", "service"]`}}

# build: the service, its shared projects, and `files` of service.yaml. python-entry reads the service's commands, one a line, and fails if one
# starts what is not in the image.
FROM packages AS build
COPY --parents {{.Sources}} /src/
RUN --network=none python-project /service {{.Files}} && find /service -exec touch -hd @$SOURCE_DATE_EPOCH {} +
RUN --network=none python-entry /base /packages /service <<'EOT'
{{.Commands "python3" "-m" "service"}}
EOT
# runtime: what seldom changes comes first, so that an update pulls the service alone. 65532 is `nonroot`, as in distroless images.
FROM scratch AS runtime
COPY --from=base /base /
COPY --from=packages /packages /
COPY --from=build /service /
LABEL org.opencontainers.image.title="{{.Name}}" org.opencontainers.image.description="{{.Description}}" \
      org.opencontainers.image.licenses="{{.Licenses}}" org.opencontainers.image.source="{{.Source}}"
# The root is read-only: temporary files go to memory, no .pyc is written. PYTHONSAFEPATH: no module comes from the current folder by chance.
ENV PATH=/usr/local/bin:/usr/bin LANG=C.UTF-8 TMPDIR=/dev/shm SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PYTHONPATH=/app PYTHONSAFEPATH=1
{{.Listen}}
WORKDIR /app
USER 65532:65532
# -IS: without packages and PYTHON* variables, so that the probe starts fast and runs nothing of the service.
HEALTHCHECK {{.Probe "python3" "-ISc" "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['PORT']), 4); c.request('GET', sys.argv[1]); sys.exit(c.getresponse().status >= 400)"}}
ENTRYPOINT {{or .Command `["python3", "-m", "service"]`}}
