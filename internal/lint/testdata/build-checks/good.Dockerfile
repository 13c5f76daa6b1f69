ARG BASE=python:3
FROM $BASE AS build
ARG PORT VERSION
ENV A=b
# Only the base image knows whether it sets this one.
COPY $JAVA_HOME/$VERSION /app
WORKDIR /app
WORKDIR $VERSION
EXPOSE $PORT 80/udp
# The rules exec-form and maintainer look at these.
MAINTAINER me
CMD sh
