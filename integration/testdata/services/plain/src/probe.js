import { get } from 'node:http';

get({ port: process.env.PORT, path: process.argv[2] })
  .on('response', ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1))
  .on('error', () => process.exit(1));
