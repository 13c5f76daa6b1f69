ARG VERSION=1
FROM node:24
# Fingerprints, switches, numbers, names and places are none.
ENV GPG_KEY=7169605F62C751356D054A26A821E680E5FA6305 AUTH_ENABLED=true TOKEN_TTL=3600 ADMIN_PASSWORD= SECRET_FILE=/run/secrets/x
ENV SSH_KEY_PATH=/x AUTH_URL=https://example.com/login PUBLIC_KEY=abcdef
ARG SIGNING_KEY_ID
COPY .env.example .npmrc /app/
COPY cert.pem public.key.pub /etc/ssl/
RUN --mount=type=secret,id=NPM_TOKEN,env=NPM_TOKEN npm ci
RUN --mount=type=secret,id=t curl -H "Authorization: $(cat /run/secrets/t)" https://example.com
RUN git clone https://$USER:$TOKEN@example.com/x && git clone https://user@example.com/y && curl http://a:8080/b@c
RUN cat /run/secrets/t | docker login --password-stdin
ENV SIGNING_KEY=7169605F62C751356D054A26A821E680E5FA6305 GPG_SIGNING_KEY="7169 605F 62C7 5135 6D05  4A26 A821 E680 E5FA 6305" RELEASE_SIGNING_KEY=0xA821E680E5FA6305
ENV AUTH_SERVER_ADDRESS=auth.internal TOKEN_SERVICE_PORT=abc PASSWORD_MIN_LENGTH=8 SECRET_NAME_PREFIX=app NEXT_PUBLIC_API_KEY=abc
