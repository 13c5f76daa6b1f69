FROM node:24 AS build
RUN --mount=type=secret,id=token export API_TOKEN="$(cat /run/secrets/token)" && ./fetch
RUN SECRET_KEY_BASE=dummy RAILS_ENV=production ./bin/rails assets:precompile
RUN PASSWORD=changeme SECRET=xxxx TOKEN_TTL=3600 ./build
# npm itself replaces the variable.
RUN echo '//registry.npmjs.org/:_authToken=${NPM_TOKEN}' > .npmrc && echo "token=\$TOKEN" > .env
RUN --mount=type=secret,id=T,env=NPM_TOKEN echo "_authToken=$NPM_TOKEN" > ~/.npmrc && npm ci && rm -f ~/.npmrc
RUN --mount=type=secret,id=npmrc cp /run/secrets/npmrc .npmrc && npm ci && rm .npmrc
RUN --mount=type=secret,id=key cp /run/secrets/key ~/.ssh/ && ./fetch && rm -rf ~/.ssh
RUN --mount=type=secret,id=T,env=TOKEN --mount=type=tmpfs,target=/scratch echo "$TOKEN" > /scratch/token && echo "$TOKEN" > /dev/stderr
RUN --mount=type=secret,id=T,env=TOKEN git config --global http.extraheader "$TOKEN" && ./fetch && git config --global --unset http.extraheader
RUN --mount=type=secret,id=T,env=TOKEN curl -H "Authorization: Bearer $TOKEN" https://example.com/x > /x && echo "$TOKEN" | docker login --password-stdin
RUN cp /run/secrets.md /x && cat README > /notes && echo "$PASSWORD_FILE" > /etc/where
