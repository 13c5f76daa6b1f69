ARG GO_VERSION=1.26
ARG RELEASE=1
FROM debian:trixie-slim AS base
ARG RELEASE
ENV PREFIX=/usr/local
RUN --mount=type=secret,id=TOKEN,env=TOKEN --mount=type=secret,id=KEY,env echo "$RELEASE $PREFIX $TOKEN"
RUN echo $HOME $PATH $PWD $RANDOM $http_proxy $HTTPS_PROXY $BASH_VERSION $1 $@ $? $$
RUN echo ${A:-a} ${B-} ${C:+c} ${D+d} ${E:?is needed} ${F:=f} && echo $F $A
RUN x=1; export Y=2; readonly Z=3; echo $x $Y $Z; for i in 1 2; do echo $i; done; for ((n = 0; n < 2; n++)); do echo $n; done
RUN while read -r line other; do echo $line $other; done < /etc/passwd; mapfile -t all < /x; echo ${all[@]}; printf -v text %s x; echo $text
RUN while getopts ab option; do echo $option $OPTARG $OPTIND; done; f() { local inner=$1; echo $inner; }; exec {fd}>/x; echo $fd
RUN . /etc/os-release && echo "$VERSION_CODENAME $ID" && . /venv/bin/activate && echo $VIRTUAL_ENV
RUN . ./settings.sh && echo $SETTING
RUN eval "$(settings)" && echo $SETTING
RUN export $(cat .env) && echo $SETTING
RUN awk '{print $NF, $field}' /x | sed 's/$end//' && perl -e 'print $x' && envsubst '$HOST' && echo \$HOST "\$HOST"
RUN sh -c 'for n in 1 2; do echo $n; done'
RUN if [ -n "$OPTIONAL" ]; then make FLAGS=$OPTIONAL; fi; if [[ -z $OTHER ]]; then echo "$OTHER"; fi
RUN <<'EOT'
name=x
cat > /x <<'CONF'
proxy_pass http://$HOST;
CONF
echo $name
EOT
RUN <<EOT
#!/usr/bin/env python3
print("$HOST")
EOT
RUN ["sh", "-c", "echo $HOST"]
ONBUILD RUN echo $HOST

# Inherited: ARG and ENV.
FROM base AS build
RUN echo $RELEASE $PREFIX

# An image may set variables of its own.
FROM golang:${GO_VERSION} AS go
ARG SHA256_1 SHA256_2
RUN echo $GOPATH $GO_VERSION $GOLANG_VERSION $SOMETHING $SHA256_3

# So does a shell that reads its files first.
FROM debian:trixie-slim AS login
SHELL ["/bin/bash", "-lc"]
RUN echo $NVM_DIR
FROM debian:trixie-slim AS reads
ENV BASH_ENV=/etc/settings
RUN echo $NVM_DIR

# Other shells have other variables.
FROM debian:trixie-slim AS powershell
SHELL ["pwsh", "-Command"]
RUN Write-Host $PSHOME
