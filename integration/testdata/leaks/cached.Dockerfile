FROM BASE AS build
RUN --mount=type=secret,id=netrc cp /run/secrets/netrc /root/.netrc && mkdir /rootfs && echo built >/rootfs/program

FROM scratch AS runtime
COPY --from=build /rootfs /
