import { createServer } from 'node:http';

const answers = { '/': { message: 'Hello' }, '/healthz': {}, '/readyz': {} };

const server = createServer((request, response) => {
  const answer = answers[request.url];
  response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer ?? {}));
}).listen(process.env.PORT);

process.once('SIGTERM', () => server.close());
