# check=error=true
# Rendered from dockerfiles/node.Dockerfile: change that, or write `dockerfile: own` in service.yaml.{{/* Values in braces: docs/services.md. */}}
# Line 1 turns warnings into errors. Two builds are the same bit for bit: times are SOURCE_DATE_EPOCH, only steps that download have a network.
# with-secrets runs a command with secrets, all optional: ca (a private network's certificates), debian-mirror, npmrc (registries, passwords).
ARG SOURCE_DATE_EPOCH=1767225600
# toolchain: for the build machine, with cross-compilers for native addons. pyelftools: for debian-libraries. apt's cache mounts are for one
# build at a time (locked), and docker-clean would delete the packages; --error-on: a package list that is unreachable is an error.
FROM --platform=$BUILDPLATFORM node:24-trixie-slim@sha256:8ec5d7557396cfe32d21c3f9c13072355ceab22b584578ca4bb28af31120cffe AS toolchain
COPY dockerfiles/bin/ /usr/local/bin/
RUN --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror \
    --mount=type=cache,id=node-apt,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,id=node-apt-lists,target=/var/lib/apt/lists,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean && with-secrets apt-get update --error-on=any \
 && with-secrets apt-get install -y --no-install-recommends binutils g++-aarch64-linux-gnu g++-x86-64-linux-gnu make python3-pyelftools
COPY dockerfiles/debian/ dockerfiles/node/ /usr/local/bin/
WORKDIR /src

# base: Node.js for the target, copied and never run; node-base adds the libraries that it needs. One layer for all services.
# /packages keeps all of these Debian packages until the stage app, where addons may need them.
FROM node:24-trixie-slim@sha256:8ec5d7557396cfe32d21c3f9c13072355ceab22b584578ca4bb28af31120cffe AS node
FROM toolchain AS base
ARG TARGETARCH SOURCE_DATE_EPOCH
COPY --from=node --parents /usr/local/bin/node /usr/local/LICENSE /base/
RUN --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror --mount=type=cache,id=debian-$TARGETARCH,target=/var/cache/debian \
    with-secrets debian-unpack $TARGETARCH /packages base-files gcc-14-base libc6 libgcc-s1 libgomp1 libstdc++6 \
 && node-base $TARGETARCH /packages /base && find /base -exec touch -hd @$SOURCE_DATE_EPOCH {} +

# modules: dependencies without those for development, for the target. --parents keeps places, for `file:../../libs/x`; `*`: may be missing.
# No package runs an install script: node-addons compiles native addons from their sources.
FROM base AS modules
COPY --parents {{.Sources "package.json" "package-lock.json*" "pnpm-*.yaml*" "yarn.lock*"}} /src/
RUN --mount=type=secret,id=ca --mount=type=secret,id=debian-mirror --mount=type=secret,id=npmrc,target=/root/.npmrc \
    --mount=type=cache,id=npm,target=/root/.npm --mount=type=cache,id=debian-$TARGETARCH,target=/var/cache/debian \
    with-secrets node-install --for $TARGETARCH {{.Sources}} \
 && if [ -n "{{.Packages}}" ]; then with-secrets debian-unpack --over /base $TARGETARCH /packages {{.Packages}}; fi
RUN --network=none node-addons $TARGETARCH {{.Sources}}

# source: the sources, and all dependencies, for the build machine. node-shared runs the script `build` of the shared folders.
FROM toolchain AS source
COPY --parents {{.Sources "package.json" "package-lock.json*" "pnpm-*.yaml*" "yarn.lock*"}} /src/
RUN --mount=type=secret,id=ca --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=cache,id=npm,target=/root/.npm \
    with-secrets node-install {{.Sources}}
COPY --parents {{.Sources}} /src/
RUN --network=none node-shared.mjs {{.Sources}}
WORKDIR /src/{{.Dir}}
# build: JavaScript is the same for all platforms. /src/made lists what the script `build` made: files newer than /tmp/start.
FROM source AS build
RUN --network=none touch /tmp/start && npm run --if-present build \
 && find . -name node_modules -prune -o ! -type d -cnewer /tmp/start -print >/src/made

# test: the scripts lint, types, typecheck and test of the service and its shared folders, with addons for the build machine.
FROM source AS addons
RUN --network=none cd /src && node-addons $(dpkg --print-architecture) {{.Sources}}
FROM addons AS test
RUN --network=none cd /src && node-test {{.Sources}}

# debug: for the build machine; --watch restarts the service when its files change. Node.js runs TypeScript as it is.
FROM addons AS debug
RUN --network=none npm run --if-present build
{{.Listen}}
EXPOSE 9229
ENTRYPOINT ["node", "--inspect=0.0.0.0:9229", "--watch"]
CMD {{or .Arguments `["src/server.ts"]`}}

# app: what goes over /base. node-app finds in its first argument, /, the program (/built) and the modules (/src). It fills /packages with
# node_modules, which seldom change, and /rootfs with the program, and fails if a command in its input starts what is not there. debian-libraries
# removes the libraries that no addon needs, and fails if one is missing; debian-records corrects the lists that scanners read.
FROM modules AS app
RUN --network=none --mount=from=build,source=/src,target=/built \
    --mount=type=cache,id=debian-$TARGETARCH,target=/var/cache/debian \
    node-app.mjs / $TARGETARCH {{.Sources}} --files {{.Files}} <<'COMMANDS' \
 && debian-libraries /packages --over /base --packages {{.Packages}} && debian-records /packages /base \
 && find /packages /rootfs -mindepth 1 -type d -empty -delete && find /packages /rootfs -exec touch -hd @$SOURCE_DATE_EPOCH {} +
{{.Commands "node" "dist/server.js"}}
COMMANDS

# runtime: what seldom changes comes first, so that an update pulls kilobytes. 65532 is `nonroot`, as in distroless images.
FROM scratch AS runtime
COPY --from=base /base /
COPY --from=app /packages /
COPY --from=app /rootfs /
LABEL org.opencontainers.image.title="{{.Name}}" org.opencontainers.image.description="{{.Description}}" \
      org.opencontainers.image.licenses="{{.Licenses}}" org.opencontainers.image.source="{{.Source}}"
WORKDIR /app
# The heap may take 60 % of the container's memory: V8's own limit can be more than a small container has, and the kernel would kill Node.js.
ENV NODE_ENV=production NODE_OPTIONS=--max-old-space-size-percentage=60
{{.Listen}}
USER 65532:65532
HEALTHCHECK {{.Probe "node" "-e" "http.get({port:process.env.PORT,path:process.argv[1]},r=>process.exit(r.statusCode<400?0:1))"}}
ENTRYPOINT {{or .Command `["node", "dist/server.js"]`}}
