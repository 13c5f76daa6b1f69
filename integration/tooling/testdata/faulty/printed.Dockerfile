FROM --platform=$BUILDPLATFORM BASE AS build
RUN --mount=type=secret,id=uv cat /run/secrets/uv && mkdir /rootfs && echo printed >/rootfs/program

FROM scratch AS runtime
COPY --from=build /rootfs /
