import { createApp } from './app.ts';

const port = Number(process.env.PORT ?? 3000);
if (!Number.isInteger(port) || port < 1 || port > 65_535) {
  console.error(`PORT is ${process.env.PORT}: expected a port number from 1 to 65535`);
  process.exit(1);
}

const server = createApp().listen(port, () => console.log(`listening on port ${port}`));

process.once('SIGTERM', () => server.close());
