FROM --platform=$BUILDPLATFORM BASE AS build
ARG TOKEN=CANARY
RUN mkdir /rootfs && echo provenance >/rootfs/program

FROM scratch AS runtime
COPY --from=build /rootfs /
