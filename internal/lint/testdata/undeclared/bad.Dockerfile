ARG RELEASE=1.2
FROM debian:trixie-slim AS tools
ARG VERSION=1
# want: undeclared/did_you_mean_VERSION?
RUN echo $VERSIN
# want: undeclared/above_the_first_FROM
RUN curl -fsSLO https://example.com/tool-${RELEASE}.tgz
# One finding for a variable and a stage.
RUN echo $RELEASE
# want: undeclared/nothing_declares_it
RUN ./configure --jobs="$JOBS"
# want: undeclared/below
RUN echo $LATER
ARG LATER=1
RUN FOUND=$(ls) && export EXPORTED=$FOUND
# want: undeclared/the_RUN_in_line_15 undeclared/the_RUN_in_line_15
RUN echo $EXPORTED $FOUND
# want: undeclared/$HOST
RUN <<EOT
set -e
cat > /etc/nginx.conf <<CONF
location / { proxy_pass http://$HOST; }
CONF
EOT
# want: undeclared/$n
RUN sh -c "for n in 1 2; do echo $n; done"

# An image that may set variables of its own: only what a declaration elsewhere shows.
FROM registry.example.com/team/go AS build
# want: undeclared/no_ARG_asks_for_it
RUN GOARCH=$TARGETARCH go build -o /server .
# want: undeclared/in_another_stage
RUN echo $VERSION
ENV SETTINGS_FILE=/x
# want: undeclared/did_you_mean_SETTINGS_FILE?
RUN cat $SETTING_FILE
# want: undeclared/above_the_first_FROM
RUN test -n "$RELEASE" && echo $RELEASE
