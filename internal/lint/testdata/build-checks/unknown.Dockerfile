ARG PLATFORM
FROM --platform=$PLATFORM debian AS build
ARG HOME_DIR
WORKDIR $HOME_DIR
CMD ["a"]
FROM scratch
CMD ["b"]
