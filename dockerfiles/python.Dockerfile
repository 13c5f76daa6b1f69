# check=error=true
# Rendered from dockerfiles/python.Dockerfile: change that, or write `dockerfile: own` in service.yaml.

# toolchain: runs on the build machine's own platform; wheels and Debian packages are unpacked for the target, nothing is emulated.
FROM --platform=$BUILDPLATFORM debian:trixie-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f AS toolchain
# Scripts are mounted one by one: a change to one makes anew only the steps that run it.
RUN --mount=type=bind,source=dockerfiles/bin/with-secrets,target=/opt/bin/with-secrets \
    --mount=type=bind,source=dockerfiles/bin/python-uv.txt,target=/opt/bin/python-uv.txt \
    --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror --mount=type=secret,id=netrc --mount=type=secret,id=pip \
    --mount=type=cache,id=python-apt,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,id=python-apt-lists,target=/var/lib/apt/lists,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean \
 && /opt/bin/with-secrets apt-get -qq update --error-on=any \
 && /opt/bin/with-secrets apt-get -qq install -y --no-install-recommends ca-certificates python3-pyelftools python3.13-venv >/dev/null \
 && python3.13 -m venv /opt/uv \
 && /opt/bin/with-secrets /opt/uv/bin/pip install -q --no-cache-dir --require-hashes -r /opt/bin/python-uv.txt \
 && ln -s /opt/uv/bin/uv /usr/local/bin/uv
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    UV_CACHE_DIR=/var/cache/uv UV_LINK_MODE=copy UV_NO_PROGRESS=1 UV_PYTHON=/usr/bin/python3.13 UV_PYTHON_DOWNLOADS=never
WORKDIR /src

FROM toolchain AS source
COPY services/{{.Name}}/pyproject.toml services/{{.Name}}/uv.lock ./

FROM source AS test
# They test one another's work: all are mounted.
RUN --network=none --mount=type=bind,source=dockerfiles/bin,target=/opt/bin /opt/bin/python-scripts-test
RUN --mount=type=bind,source=dockerfiles/bin/with-secrets,target=/opt/bin/with-secrets \
    --mount=type=secret,id=ca --mount=type=secret,id=netrc --mount=type=secret,id=uv \
    --mount=type=cache,id=uv,target=/var/cache/uv \
    uv export -q --frozen --no-emit-project -o /tmp/requirements.txt >/dev/null \
 && uv venv -q /venv \
 && VIRTUAL_ENV=/venv UV_PYTHON=/venv /opt/bin/with-secrets uv pip install -q --require-hashes --no-deps -r /tmp/requirements.txt
ENV PATH=/venv/bin:$PATH
COPY services/{{.Name}}/ ./
RUN --network=none ruff format --check && ruff check && mypy && pytest

# debug: the service under debugpy, for the build machine's platform; it waits for nobody.
FROM test AS debug
ENV PORT={{.Port}} WEB_CONCURRENCY=1
WORKDIR /src/src
EXPOSE {{.Port}} 5678
ENTRYPOINT ["python3.13", "-Xfrozen_modules=off", "-m", "debugpy", "--listen", "0.0.0.0:5678", "-m", "service"]

# loaded: which modules the service loads. A list, so that what follows is made anew only when the list changes.
FROM source AS loaded
RUN --mount=type=bind,source=dockerfiles/bin/with-secrets,target=/opt/bin/with-secrets \
    --mount=type=bind,source=dockerfiles/bin/python-wheels,target=/opt/bin/python-wheels \
    --mount=type=secret,id=ca --mount=type=secret,id=netrc --mount=type=secret,id=uv \
    --mount=type=cache,id=uv,target=/var/cache/uv \
    /opt/bin/with-secrets /opt/bin/python-wheels $(dpkg --print-architecture) /usr/local/lib/python3.13/dist-packages
COPY services/{{.Name}}/src ./
RUN --mount=type=bind,source=dockerfiles/bin/python-loaded,target=/opt/bin/python-loaded \
    /opt/bin/python-loaded {{.Live}} {{.Ready}} / >/loaded.txt

# python: Debian's Python for the target and the packages, without what a service does not need.
FROM source AS python
ARG TARGETARCH
RUN --mount=type=bind,source=dockerfiles/bin/with-secrets,target=/opt/bin/with-secrets \
    --mount=type=bind,source=dockerfiles/bin/debian-unpack,target=/opt/bin/debian-unpack \
    --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror --mount=type=secret,id=netrc \
    --mount=type=cache,id=debian-$TARGETARCH,target=/var/cache/debian,sharing=locked \
    /opt/bin/with-secrets /opt/bin/debian-unpack $TARGETARCH /rootfs \
        base-files ca-certificates media-types netbase tzdata \
        python3.13-minimal libpython3.13-minimal libpython3.13-stdlib \
        gcc-14-base libbz2-1.0 libc6 libdb5.3t64 libexpat1 libffi8 libgcc-s1 liblzma5 libncursesw6 libreadline8t64 \
        libsqlite3-0 libssl3t64 libtinfo6 libuuid1 libzstd1 zlib1g
RUN --mount=type=bind,source=dockerfiles/bin/with-secrets,target=/opt/bin/with-secrets \
    --mount=type=bind,source=dockerfiles/bin/python-wheels,target=/opt/bin/python-wheels \
    --mount=type=secret,id=ca --mount=type=secret,id=netrc --mount=type=secret,id=uv \
    --mount=type=cache,id=uv,target=/var/cache/uv \
    /opt/bin/with-secrets /opt/bin/python-wheels $TARGETARCH /rootfs/usr/local/lib/python3.13/dist-packages
COPY --from=loaded /loaded.txt /
ARG SOURCE_DATE_EPOCH=1767225600
RUN --mount=type=bind,source=dockerfiles/bin/python-leave-out,target=/opt/bin/python-leave-out \
    --mount=type=bind,source=dockerfiles/bin/python-left-out.txt,target=/opt/bin/python-left-out.txt \
    --mount=type=bind,source=dockerfiles/bin/python-compile,target=/opt/bin/python-compile \
    --mount=type=bind,source=dockerfiles/bin/debian-libraries,target=/opt/bin/debian-libraries \
    --mount=type=bind,source=dockerfiles/bin/debian-records,target=/opt/bin/debian-records \
    cd /rootfs \
    # Character sets of iconv() (8 MB; Python has its own) and engines of OpenSSL.
 && rm -r usr/lib/*-linux-gnu/gconv usr/lib/*-linux-gnu/engines-3 \
    # What base-files and others bring for shells and desktops.
 && rm -r etc/profile.d etc/skel etc/update-motd.d etc/issue* usr/lib/binfmt.d usr/share/base-files usr/share/binfmts usr/sbin/* var/lock var/run \
    # A text among the modules.
 && rm usr/lib/python3.13/email/architecture.rst \
    # One bundle, as update-ca-certificates would make it.
 && mkdir -p etc/ssl/certs && cat usr/share/ca-certificates/mozilla/*.crt >etc/ssl/certs/ca-certificates.crt && rm -r usr/share/ca-certificates \
 && /opt/bin/python-leave-out /rootfs /opt/bin/python-left-out.txt \
 && /opt/bin/python-compile /rootfs /loaded.txt \
    # glibc opens libgcc_s by name; without it a daemon thread at exit crashes the process.
 && /opt/bin/debian-libraries /rootfs libgcc_s.so.1 \
 && /opt/bin/debian-records /rootfs \
 && find . -type d -empty -delete \
 && ln -s python3.13 usr/bin/python3 \
    # glibc asks DNS before /etc/hosts where nothing says otherwise.
 && echo 'hosts: files dns' >etc/nsswitch.conf \
 && printf 'root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/nonexistent:/sbin/nologin\n' >etc/passwd \
 && printf 'root:x:0:\nnonroot:x:65532:\n' >etc/group \
 && find /rootfs -exec touch -hd @$SOURCE_DATE_EPOCH {} +

# build: the service itself, the same for all platforms.
FROM source AS build
ARG SOURCE_DATE_EPOCH=1767225600
COPY services/{{.Name}}/src /rootfs/app
RUN --mount=type=bind,source=dockerfiles/bin/python-leave-out,target=/opt/bin/python-leave-out \
    --mount=type=bind,source=dockerfiles/bin/python-left-out.txt,target=/opt/bin/python-left-out.txt \
    /opt/bin/python-leave-out --check /rootfs/app /opt/bin/python-left-out.txt \
 && python3.13 -m compileall -q --invalidation-mode unchecked-hash -s /rootfs /rootfs/app \
 && find /rootfs -exec touch -hd @$SOURCE_DATE_EPOCH {} +

# runtime: from what changes seldom to what changes often, so that an update pulls the service alone.
FROM scratch AS runtime
COPY --from=python /rootfs /
COPY --from=build /rootfs /
LABEL org.opencontainers.image.title="{{.Name}}" \
      org.opencontainers.image.description="{{.Description}}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://example.com/stagecraft"
# The root is read-only: what must be written goes to memory, and nothing else is tried.
ENV PATH=/usr/bin LANG=C.UTF-8 TMPDIR=/dev/shm PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PYTHONPATH=/app PYTHONSAFEPATH=1 \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt PORT={{.Port}}
EXPOSE {{.Port}}
USER 65532:65532
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["python3", "-m", "service.probe", "{{.Live}}"]
ENTRYPOINT ["python3", "-m", "service"]
