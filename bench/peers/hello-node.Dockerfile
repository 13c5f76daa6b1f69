# The same answers from node:http and bcrypt. With ACCESS_LOG set, pino-http writes a line for each request, with its defaults.
FROM node:24-trixie-slim@sha256:8ec5d7557396cfe32d21c3f9c13072355ceab22b584578ca4bb28af31120cffe
WORKDIR /app
RUN --mount=type=bind,source=dockerfiles/bin,target=/opt/bin --mount=type=secret,id=ca --mount=type=secret,id=npmrc,target=/root/.npmrc \
    /opt/bin/with-secrets npm install --no-audit --no-fund bcrypt@6.0.0 pino-http@11.0.0
COPY <<'EOF' server.mjs
import http from 'node:http';
import bcrypt from 'bcrypt';
import pinoHttp from 'pino-http';

const answer = (response, value) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
};

const log = process.env.ACCESS_LOG ? pinoHttp() : () => {};

http
  .createServer(async (request, response) => {
    log(request, response);
    if (request.method === 'GET' && request.url === '/') {
      answer(response, { message: 'Hello from multi-stage Node.js!' });
    } else if (request.url === '/healthz') {
      answer(response, { status: 'ok' });
    } else if (request.method === 'POST' && request.url === '/hash') {
      let body = '';
      for await (const chunk of request) body += chunk;
      answer(response, { hash: await bcrypt.hash(JSON.parse(body).password, 10) });
    } else {
      response.writeHead(404).end();
    }
  })
  .listen(process.env.PORT);
EOF
LABEL jobs="greets,hashes"
CMD ["node", "server.mjs"]
