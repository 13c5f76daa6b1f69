// The container's health check: no shell and no curl is there to do it, and no module need be loaded for it.
import { get } from 'node:http';

const fail = (): never => process.exit(1);

get({
  host: '127.0.0.1',
  port: process.env.PORT || 3000,
  path: process.argv[2] ?? '/healthz',
  timeout: 2_000,
})
  .on('response', ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1))
  .on('timeout', fail)
  .on('error', fail);
