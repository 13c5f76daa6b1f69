FROM --platform=$BUILDPLATFORM BASE AS build
RUN --mount=type=secret,id=netrc cp /run/secrets/netrc /root/.netrc && mkdir /rootfs && echo cached >/rootfs/program

FROM scratch AS runtime
COPY --from=build /rootfs /
