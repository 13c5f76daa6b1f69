FROM debian:trixie-slim
# want: cache/apt-get_install_-y_clang
RUN chroot /rootfs apt-get install -y clang
# want: cache/apt-get_install_-y_clang
RUN timeout -k 5 60 apt-get install -y clang
# want: cache/apt-get_install_-y_clang
RUN gosu builder apt-get install -y clang
RUN chroot /rootfs
