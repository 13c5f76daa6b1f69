import type { Server } from 'node:http';
import Fastify, { type FastifyHttpOptions, type FastifyInstance } from 'fastify';
import { Answer } from './answer.ts';
import { requestId } from './identity.ts';
import { type Lines, logOptions, RequestLog, standardOutput } from './logs.ts';
import { answerError, answerErrors, Problem } from './problem.ts';
import { stop as stopped } from './signals.ts';

/** Fastify's options, and some that a test may want to set. */
export interface AppOptions extends FastifyHttpOptions<Server> {
  level?: string;
  lines?: Lines;
  /** Aborted when the service is to stop: it is no longer ready, though it still serves. */
  stop?: AbortSignal;
}

/** Makes an application that keeps the contract as far as it can without a process of its own: main does the rest. */
export function newApp(name: string, given: AppOptions = {}): FastifyInstance {
  const { level = 'info', lines = standardOutput, stop = stopped, ...options } = given;
  const app = Fastify({
    requestTimeout: 10_000,
    logger: logOptions(name, level, lines),
    ...options,
    http: {
      headersTimeout: 10_000,
      connectionsCheckingInterval: 1_000,
      ...options.http,
      ServerResponse: Answer,
    },
    logController: new RequestLog(['/healthz', '/readyz']),
    genReqId: requestId,
    frameworkErrors: answerError,
  });

  answerErrors(app);

  app.get('/healthz', async () => 'ok\n');
  app.get('/readyz', async () => {
    if (stop.aborted) throw new Problem(503, 'draining');
    return 'ready\n';
  });
  return app;
}
