FROM --platform=$BUILDPLATFORM BASE AS build
RUN mkdir -p /rootfs/app && echo steady >/rootfs/app/steady && chmod 755 /rootfs/app/steady && find /rootfs -exec touch -hd @1767225600 {} +

FROM scratch AS runtime
COPY --from=build /rootfs /
ENTRYPOINT ["/app/steady"]
