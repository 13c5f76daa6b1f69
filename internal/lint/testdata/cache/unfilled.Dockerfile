FROM python:3.14-alpine
# want: cache/never_filled:_`apk_add_--no-cache
RUN --mount=type=cache,target=/var/cache/apk apk add --no-cache g++
# want: cache/never_filled
RUN --mount=type=cache,target=/root/.cache/ pip install --no-cache-dir --require-hashes -r requirements.txt
# want: cache/never_filled:_`rm
RUN --mount=type=cache,target=/var/cache/apk apk add g++ && rm -rf /var/cache/apk/*
# want: cache/never_filled:_`npm_cache
RUN --mount=type=cache,target=/root/.npm npm ci && npm cache clean --force
# Another manager's flag, another folder, and a part of the cache.
RUN --mount=type=cache,target=/root/.cache/pip apk add --no-cache g++ && pip install --require-hashes -r requirements.txt
RUN --mount=type=cache,target=/var/cache/apk apk add g++ && rm -rf /tmp/* /var/cache/apk/x /var/cache/apk2
RUN --mount=type=cache,target=/root/.npm npm ci && npm cache verify
