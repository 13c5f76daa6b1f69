# check=error=true
# Rendered from dockerfiles/node.Dockerfile: change that, or write `dockerfile: own` in service.yaml.

# toolchain: runs on the build machine's own platform, with compilers for all; nothing is emulated.
FROM --platform=$BUILDPLATFORM node:24-trixie-slim@sha256:8ec5d7557396cfe32d21c3f9c13072355ceab22b584578ca4bb28af31120cffe AS toolchain
# Scripts are mounted one by one: a change to one makes anew only the steps that run it.
RUN --mount=type=bind,source=dockerfiles/bin/with-secrets,target=/opt/bin/with-secrets \
    --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror \
    --mount=type=cache,id=node-apt,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,id=node-apt-lists,target=/var/lib/apt/lists,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean \
 && /opt/bin/with-secrets apt-get update --error-on=any \
 && /opt/bin/with-secrets apt-get install -y --no-install-recommends \
        binutils g++-aarch64-linux-gnu g++-x86-64-linux-gnu make python3 python3-pyelftools
# npm would wait for over a minute before it says that it does not trust a certificate.
ENV npm_config_fetch_retry_mintimeout=1000 npm_config_fetch_retry_maxtimeout=10000
WORKDIR /src

# node: the target platform's; its files are copied, nothing in it runs.
FROM node:24-trixie-slim@sha256:8ec5d7557396cfe32d21c3f9c13072355ceab22b584578ca4bb28af31120cffe AS node

# os: Node.js without its symbols, and the few Debian files it needs. Node.js brings time zones and public roots itself.
FROM toolchain AS os
ARG TARGETARCH SOURCE_DATE_EPOCH=1767225600
RUN --mount=type=bind,source=dockerfiles/bin/with-secrets,target=/opt/bin/with-secrets \
    --mount=type=bind,source=dockerfiles/bin/debian-unpack,target=/opt/bin/debian-unpack \
    --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror \
    --mount=type=cache,id=debian-$TARGETARCH,target=/var/cache/debian,sharing=locked \
    /opt/bin/with-secrets /opt/bin/debian-unpack $TARGETARCH /rootfs base-files gcc-14-base libc6 libgcc-s1 libstdc++6
RUN --network=none --mount=type=bind,source=dockerfiles/bin/debian-libraries,target=/opt/bin/debian-libraries \
    --mount=type=bind,source=dockerfiles/bin/debian-records,target=/opt/bin/debian-records \
    --mount=type=bind,from=node,source=/usr/local,target=/node \
    cd /rootfs \
 && install -D /node/bin/node usr/local/bin/node \
 && install -D -m 0644 /node/LICENSE usr/share/doc/node/LICENSE \
 && $(echo $TARGETARCH | sed 's/amd64/x86_64/; s/arm64/aarch64/')-linux-gnu-strip usr/local/bin/node \
    # Character sets of iconv() (8 MB; Node.js has its own), helpers of gdb, and what base-files brings for shells.
 && rm -r usr/lib/*-linux-gnu/gconv usr/share/gcc usr/share/gdb \
        etc/issue* etc/profile.d etc/skel etc/update-motd.d usr/share/base-files var/lock var/run \
    # glibc opens libgcc_s by name when a thread ends.
 && /opt/bin/debian-libraries . libgcc_s.so.1 \
 && /opt/bin/debian-records . \
 && find . -type d -empty -delete \
    # glibc asks DNS before /etc/hosts where nothing says otherwise.
 && echo 'hosts: files dns' >etc/nsswitch.conf \
 && printf 'root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/nonexistent:/sbin/nologin\n' >etc/passwd \
 && printf 'root:x:0:\nnonroot:x:65532:\n' >etc/group \
 && find /rootfs -exec touch -hd @$SOURCE_DATE_EPOCH {} +

# modules: what the service loads when it runs, as the target platform needs it. No package runs a script of its own.
FROM toolchain AS modules
ARG TARGETARCH SOURCE_DATE_EPOCH=1767225600
COPY services/{{.Name}}/package.json services/{{.Name}}/package-lock.json ./
RUN --mount=type=bind,source=dockerfiles/bin/with-secrets,target=/opt/bin/with-secrets \
    --mount=type=secret,id=ca \
    --mount=type=secret,id=npmrc \
    --mount=type=cache,id=npm,target=/root/.npm \
    /opt/bin/with-secrets npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
        --os=linux --libc=glibc --cpu=$(echo $TARGETARCH | sed 's/amd64/x64/')
RUN --network=none --mount=type=bind,source=dockerfiles/bin/node-addons,target=/opt/bin/node-addons \
    --mount=type=bind,source=dockerfiles/bin/node-prune.mjs,target=/opt/bin/node-prune.mjs \
    --mount=type=bind,source=dockerfiles/bin/debian-libraries,target=/opt/bin/debian-libraries \
    --mount=type=bind,from=os,source=/rootfs,target=/os \
    --mount=type=tmpfs,target=/all \
    /opt/bin/node-addons $TARGETARCH \
 && /opt/bin/node-prune.mjs . \
 && mkdir -p node_modules /rootfs/app \
 && cp -a package.json node_modules /rootfs/app/ \
 && find /rootfs -type d -empty -delete \
 && cp -a /os/. /rootfs/. /all \
 && /opt/bin/debian-libraries /all libgcc_s.so.1 \
 && find /rootfs -exec touch -hd @$SOURCE_DATE_EPOCH {} +

# source: with all modules, those for development too, on the build machine's platform.
FROM toolchain AS source
COPY services/{{.Name}}/package.json services/{{.Name}}/package-lock.json ./
RUN --mount=type=bind,source=dockerfiles/bin/with-secrets,target=/opt/bin/with-secrets \
    --mount=type=secret,id=ca \
    --mount=type=secret,id=npmrc \
    --mount=type=cache,id=npm,target=/root/.npm \
    /opt/bin/with-secrets npm ci --ignore-scripts --no-audit --no-fund
COPY services/{{.Name}}/ ./

# native: able to run here.
FROM source AS native
RUN --network=none --mount=type=bind,source=dockerfiles/bin/node-addons,target=/opt/bin/node-addons \
    /opt/bin/node-addons

# test: scripts of package.json.
FROM native AS test
RUN --network=none npm run lint
RUN --network=none npm run types
RUN --network=none npm test

# debug: the sources as they are, restarted when they change, for the build machine's platform.
FROM native AS debug
ENV PORT={{.Port}}
EXPOSE {{.Port}} 9229
ENTRYPOINT ["node", "--inspect=0.0.0.0:9229", "--watch", "src/server.ts"]

# build: JavaScript is the same for all platforms.
FROM source AS build
ARG SOURCE_DATE_EPOCH=1767225600
RUN --network=none npm run build \
 && mkdir -p /rootfs/app && cp -R dist /rootfs/app/ \
 && find /rootfs -exec touch -hd @$SOURCE_DATE_EPOCH {} +

# runtime: from what changes seldom to what changes often, so that an update pulls kilobytes.
FROM scratch AS runtime
COPY --from=os /rootfs /
COPY --from=modules /rootfs /
COPY --from=build /rootfs /
LABEL org.opencontainers.image.title="{{.Name}}" \
      org.opencontainers.image.description="{{.Description}}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://example.com/stagecraft"
ENV NODE_ENV=production PORT={{.Port}}
EXPOSE {{.Port}}
USER 65532:65532
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["/usr/local/bin/node", "/app/dist/probe.js", "{{.Live}}"]
# V8 would take as much as a small memory limit for its heap alone, and the kernel would end it.
ENTRYPOINT ["/usr/local/bin/node", "--max-old-space-size-percentage=60", "/app/dist/server.js"]
