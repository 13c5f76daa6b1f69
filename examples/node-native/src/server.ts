import { buildApp } from './app.ts';
import { openDatabase } from './users.ts';

const port = Number(process.env.PORT ?? 3000);
if (!Number.isInteger(port) || port < 1 || port > 65_535) {
  console.error(`PORT is ${process.env.PORT}: expected a port number from 1 to 65535`);
  process.exit(1);
}

const database = openDatabase(process.env.DATABASE ?? ':memory:');
const app = buildApp(database, { logger: true });
app.addHook('onClose', () => database.close());

process.once('SIGTERM', () => app.close());
await app.listen({ port, host: '::' });
