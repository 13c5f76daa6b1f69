import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { handleErrors } from './errors.ts';
import { defaults, type PasswordOptions, Passwords } from './passwords.ts';
import { RequestLog } from './request-log.ts';
import { healthRoutes, serviceRoutes } from './routes.ts';

export interface AppOptions {
  /** Aborted when the service is to stop: it is no longer ready, though it still serves. */
  stop: AbortSignal;
  logger?: FastifyServerOptions['logger'];
  passwords?: Partial<PasswordOptions>;
}

/** Builds the application; it neither listens nor knows of the process it runs in. */
export function buildApp({ stop, logger = false, passwords = {} }: AppOptions): FastifyInstance {
  const app = Fastify({
    logger,
    logController: new RequestLog(),
    bodyLimit: 4096,
    requestTimeout: 10_000,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 1_000 },
    // Say what is wrong instead of guessing what was meant.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
  });

  handleErrors(app);
  serviceRoutes(app, new Passwords({ ...defaults, ...passwords }));
  healthRoutes(app, stop);
  return app;
}
