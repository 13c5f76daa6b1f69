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
# What `openssl rand -hex` writes is no fingerprint; a word in front of it makes a password no harmless name.
# want: secrets/SECRET_KEY_BASE secrets/JWT_SECRET secrets/API_KEY
ENV SECRET_KEY_BASE=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef JWT_SECRET=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef API_KEY=0123456789abcdef0123456789abcdef01234567
# want: secrets/DB_USER_PASSWORD secrets/SERVICE_TOKEN secrets/USER_PASSWORD secrets/SERVER_SECRET secrets/BACKEND_API_KEY secrets/GPG_PASSPHRASE
ENV DB_USER_PASSWORD=hunter2 SERVICE_TOKEN=abc USER_PASSWORD="abc" SERVER_SECRET=abc BACKEND_API_KEY=abc GPG_PASSPHRASE=abc
# want: secrets/`mv_/run/secrets/t
RUN --mount=type=secret,id=t mv /run/secrets/t /etc/t
# want: secrets/`install_-m_600_/run/secrets/t
RUN --mount=type=secret,id=t install -m 600 /run/secrets/t /etc/t
