# want: secrets/ARG_GITHUB_TOKEN
ARG GITHUB_TOKEN
FROM node:24
# want: secrets/ARG_NPM_TOKEN
ARG NPM_TOKEN
# want: secrets/ENV_DB_PASSWORD
ENV DB_PASSWORD=hunter2 PORT=80
# want: secrets/AWS
ENV WHATEVER=AKIAABCDEFGHIJKLMNOP
# want: secrets/id_rsa
COPY id_rsa /root/.ssh/id_rsa
# want: secrets/.npmrc
COPY .npmrc /app/
# want: secrets/password_in_a_URL
RUN git clone https://me:hunter2@example.com/x && rm -f /app/.npmrc
# want: secrets/private_key
COPY <<EOF /key
-----BEGIN RSA PRIVATE KEY-----
EOF
# want: secrets/writes_a_secret
RUN --mount=type=secret,id=npmrc cp /run/secrets/npmrc ~/.npmrc
