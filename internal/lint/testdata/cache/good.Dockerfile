FROM node:24
RUN --mount=type=cache,target=/root/.npm npm ci
RUN go mod download
RUN go build -o /x . && go mod verify
RUN npm run build && yarn build && apt-get update && pip --version && apk del x
RUN echo npm ci; echo "apt-get install"
RUN apt-get install -y ./local.deb
RUN npm ci --offline
RUN cat <<EOF > /x.sh
apt-get install curl
EOF
