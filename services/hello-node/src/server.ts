// First, before Fastify loads: until a handler is there, the kernel drops signals meant for PID 1.

import { once } from 'node:events';
import { buildApp } from './app.ts';
import { drainer } from './drain.ts';
import { listen } from './listen.ts';
import { serializers } from './request-log.ts';
import { readSettings } from './settings.ts';
import { stop } from './signals.ts';

try {
  const { port, logLevel, drainDelay } = readSettings(process.env);
  const app = buildApp({ stop, logger: { level: logLevel, serializers } });
  const drain = drainer(app);
  await listen(app, port);

  if (!stop.aborted) await once(stop, 'abort');
  app.log.info({ signal: stop.reason, drainDelay }, 'stopping');
  const complete = await drain(drainDelay);
  if (complete) app.log.info('stopped');
  else app.log.error('stopped; requests that did not end in time were cut off');
  process.exit(complete ? 0 : 1);
} catch (error) {
  process.stderr.write(`hello-node: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
