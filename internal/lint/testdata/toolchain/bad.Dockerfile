FROM --platform=$BUILDPLATFORM debian AS base
ARG TARGETOS TARGETARCH
# want: toolchain/apt
RUN apt-get update && apt-get install -y clang
FROM base AS build
# want: toolchain/npm
RUN npm ci
RUN make ARCH=$TARGETARCH
