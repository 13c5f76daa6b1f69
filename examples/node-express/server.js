import { createApp } from './app.js';

const port = Number(process.env.PORT ?? 8080);
if (!Number.isInteger(port) || port < 1 || port > 65535) {
  console.error(`PORT is ${process.env.PORT}: expected a port number from 1 to 65535`);
  process.exit(1);
}

const server = createApp().listen(port, (error) => {
  if (error) throw error;
  console.log(`listening on port ${port}`);
});

process.once('SIGTERM', () => server.close());
