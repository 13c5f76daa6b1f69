import { once } from 'node:events';
import type { Server } from 'node:http';
import type { FastifyHttpOptions, FastifyInstance } from 'fastify';
import { newApp } from './app.ts';
import { drainer } from './drain.ts';
import { listen } from './listen.ts';
import { common, readSettings, type Settings, type Values } from './settings.ts';
import { stop } from './signals.ts';

/** Fastify's options, and the settings that a service has of its own, such as `{ UPSTREAM_TIMEOUT: duration('2s') }`. */
export type Options<S> = FastifyHttpOptions<Server> & { settings?: S };

/**
 * Is all of a service but its routes. It reads the settings, lets `routes` add the service's own routes to an application, and
 * serves them until SIGTERM.
 *
 * Exit codes: 0 after a drain; 1 for bad settings, a port that is taken, an error of `routes`, requests that did not end in time,
 * and a second signal.
 */
export async function main<S extends Settings = Record<never, never>>(
  name: string,
  routes: (app: FastifyInstance, settings: Values<S>) => unknown,
  { settings, ...options }: Options<S> = {},
): Promise<void> {
  try {
    const all = { ...settings, ...common };
    const set = readSettings(process.env, all);
    const app = newApp(name, { ...options, level: set.LOG_LEVEL });
    await routes(app, set as Values<S>);
    const drain = drainer(app, stop);
    await listen(app, set.PORT);

    if (!stop.aborted) await once(stop, 'abort');
    app.log.info({ signal: stop.reason, delay_ms: set.DRAIN_DELAY }, 'draining');
    const complete = await drain(set.DRAIN_DELAY);
    if (complete) app.log.info('drained');
    else app.log.error('requests that did not end in time were cut off');
    // Not at once: exporters of spans and the like do their last work now, for a second at most.
    process.exitCode = complete ? 0 : 1;
    setTimeout(() => process.exit(), 1_000).unref();
  } catch (error) {
    const lines = (error instanceof Error ? error.message : `${error}`).split('\n');
    process.stderr.write(lines.map((line) => `${name}: ${line}\n`).join(''));
    process.exit(1);
  }
}
