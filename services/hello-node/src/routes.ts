import type { JsonSchemaToTsProvider } from '@fastify/type-provider-json-schema-to-ts';
import type { FastifyInstance } from 'fastify';
import type { Passwords } from './passwords.ts';
import { greeting, hashing, verifying } from './schemas.ts';

export const options = {
  bodyLimit: 4096,
  // Say what is wrong instead of guessing what was meant.
  ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
};

/** What the service does. Health is what every service has. */
export const routes = (passwords: Passwords) => (server: FastifyInstance) => {
  const app = server.withTypeProvider<JsonSchemaToTsProvider>();
  app.removeContentTypeParser('text/plain');

  app.get('/', { schema: greeting }, async () => ({ message: 'Hello from multi-stage Node.js!' }));

  app.post('/hash', { schema: hashing }, async ({ body, socket }) => ({
    hash: await passwords.hash(body.password, () => !socket.destroyed),
  }));

  app.post('/verify', { schema: verifying }, async ({ body, socket }) => ({
    valid: await passwords.verify(body.password, body.hash, () => !socket.destroyed),
  }));
};
