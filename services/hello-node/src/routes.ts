import type { JsonSchemaToTsProvider } from '@fastify/type-provider-json-schema-to-ts';
import type { FastifyInstance } from 'fastify';
import type { Passwords } from './passwords.ts';
import { greeting, hashing, health, verifying } from './schemas.ts';

/** What the service does. */
export function serviceRoutes(server: FastifyInstance, passwords: Passwords): void {
  const app = server.withTypeProvider<JsonSchemaToTsProvider>();

  app.get('/', { schema: greeting }, async () => ({ message: 'Hello from multi-stage Node.js!' }));

  app.post('/hash', { schema: hashing }, async ({ body, socket }) => ({
    hash: await passwords.hash(body.password, () => !socket.destroyed),
  }));

  app.post('/verify', { schema: verifying }, async ({ body, socket }) => ({
    valid: await passwords.verify(body.password, body.hash, () => !socket.destroyed),
  }));
}

/** What an orchestrator asks: alive until the end, ready until asked to stop. */
export function healthRoutes(server: FastifyInstance, stop: AbortSignal): void {
  const app = server.withTypeProvider<JsonSchemaToTsProvider>();
  const options = { schema: health, logLevel: 'warn' } as const;

  app.get('/healthz', options, async () => ({ status: 'ok' }));

  app.get('/readyz', options, async (_request, reply) =>
    stop.aborted ? reply.code(503).send({ status: 'stopping' }) : { status: 'ready' },
  );
}
