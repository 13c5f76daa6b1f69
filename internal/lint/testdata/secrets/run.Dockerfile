FROM node:24 AS build
# want: secrets/RUN_sets_TOKEN
RUN export TOKEN=s3cr3t-of-ours && ./fetch
# want: secrets/RUN_sets_dbPassword
RUN dbPassword="s3cr3t of ours" ./migrate
# want: secrets/RUN_sets_API_KEY
RUN env API_KEY=s3cr3t-of-ours ./fetch
# want: secrets/writes_a_secret
RUN --mount=type=secret,id=NPM_TOKEN,env=NPM_TOKEN echo "//registry.npmjs.org/:_authToken=${NPM_TOKEN}" > ~/.npmrc
# want: secrets/writes_a_secret
RUN --mount=type=secret,id=NPM_TOKEN,env=NPM_TOKEN printf 'token=%s' "$NPM_TOKEN" >> /etc/tool.conf && ./fetch
# want: secrets/writes_a_secret
RUN --mount=type=secret,id=token cat /run/secrets/token > /etc/token
# want: secrets/writes_a_secret
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci && cp /root/.npmrc /app/.npmrc
# want: secrets/writes_a_secret
RUN --mount=type=secret,id=API_TOKEN,env=API_TOKEN cat <<EOT > /etc/tool.conf
token = $API_TOKEN
EOT
# want: secrets/writes_a_secret
RUN --mount=type=secret,id=GH_TOKEN,env=GH_TOKEN git config --global url."https://x:$GH_TOKEN@github.com/".insteadOf https://github.com/
# want: secrets/writes_a_secret
RUN --mount=type=secret,id=NPM_TOKEN,env=NPM_TOKEN <<EOT bash
npm config set //registry.npmjs.org/:_authToken "$NPM_TOKEN"
EOT
