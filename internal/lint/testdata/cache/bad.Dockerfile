FROM node:24
# want: cache/apt-get
RUN apt-get update && apt-get -y install curl
# want: cache/npm_ci
RUN npm ci
# want: cache/pip_install
RUN ["python3", "-m", "pip", "install", "-r", "requirements.txt"]
# want: cache/yarn
RUN cd /app && sudo -u app yarn --immutable
# want: cache/go_build
RUN go build -o /x .
# want: cache/cargo_install
RUN bash -c "set -e; cargo install x"
# want: cache/apk_add
RUN <<EOF
set -e
if true; then apk add curl; fi
EOF
