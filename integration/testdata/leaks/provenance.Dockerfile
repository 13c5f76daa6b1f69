FROM BASE AS build
ARG TOKEN=CANARY
RUN mkdir /rootfs && echo built >/rootfs/program

FROM scratch AS runtime
COPY --from=build /rootfs /
