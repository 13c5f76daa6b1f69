# A base for each platform: each is looked at.
# want: pinned/base-amd64:1 pinned/base-arm64:1
FROM registry.example.com/base-${TARGETARCH}:1 AS build
# A stage for each platform; this file has none for arm64, and is not meant for it.
# want: pinned/debian:trixie-slim
FROM debian:trixie-slim AS for-amd64
FROM for-${TARGETARCH}
COPY --from=build /a /a
