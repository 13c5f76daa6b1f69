FROM debian:trixie-slim
# want: cache/apt-get_install_-y_clang
RUN chroot /rootfs apt-get install -y clang
# want: cache/apt-get_install_-y_clang
RUN timeout -k 5 60 apt-get install -y clang
# want: cache/apt-get_install_-y_clang
RUN gosu builder apt-get install -y clang
RUN chroot /rootfs
# want: cache/apt-get_install_-y_clang
RUN setarch i386 --verbose apt-get install -y clang
# want: cache/apt-get_install_-y_clang
RUN linux32 apt-get install -y clang
# want: cache/apt-get_install_-y_clang
RUN su -s /bin/sh -c "apt-get install -y clang" root
# want: cache/apt-get_install_-y_clang
RUN su - builder -c 'apt-get install -y clang'
# want: cache/apt-get_install_-y_$()
RUN cat packages | xargs -n 20 apt-get install -y
RUN su builder && cat files | xargs rm -f && xargs
