# The article's way, for comparison alone: the builder runs on the target platform, emulated where that is another one. On our
# own bases, and with caches for downloads, so that what differs is the way. The article leaves out development dependencies,
# without which nothing builds.
FROM node:24-trixie-slim@sha256:8ec5d7557396cfe32d21c3f9c13072355ceab22b584578ca4bb28af31120cffe AS builder
ARG TARGETARCH
RUN --mount=type=bind,source=dockerfiles/bin,target=/opt/bin \
    --mount=type=secret,id=ca \
    --mount=type=cache,id=article-apt-$TARGETARCH,target=/var/cache/apt,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean \
 && /opt/bin/with-secrets apt-get update \
 && /opt/bin/with-secrets apt-get install -y --no-install-recommends g++ make python3
WORKDIR /app/services/hello-node
COPY libs/node/package*.json /app/libs/node/
COPY services/hello-node/package*.json ./
ENV npm_config_build_from_source=true npm_config_nodedir=/usr/local
RUN --mount=type=bind,source=dockerfiles/bin,target=/opt/bin \
    --mount=type=secret,id=ca --mount=type=secret,id=npmrc,target=/root/.npmrc \
    --mount=type=cache,id=article-npm,target=/root/.npm \
    /opt/bin/with-secrets npm ci --no-audit --no-fund --prefix /app/libs/node && /opt/bin/with-secrets npm ci --no-audit --no-fund
COPY libs/node/ /app/libs/node/
COPY services/hello-node/ ./
RUN npm run build --prefix /app/libs/node && npm run build

FROM node:24-trixie-slim@sha256:8ec5d7557396cfe32d21c3f9c13072355ceab22b584578ca4bb28af31120cffe
LABEL maintainer="devops@example.com"
WORKDIR /app/services/hello-node
ENV NODE_ENV=production
COPY --from=builder /app/libs/node /app/libs/node
COPY --from=builder /app/services/hello-node/package.json ./
COPY --from=builder /app/services/hello-node/node_modules ./node_modules
COPY --from=builder /app/services/hello-node/dist ./dist
EXPOSE 3000
CMD ["node", "dist/server.js"]
