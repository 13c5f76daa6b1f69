import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { drawAvatar } from './avatar.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import { type Database, Users } from './users.ts';

interface Credentials {
  name: string;
  password: string;
}

const credentials = {
  type: 'object',
  required: ['name', 'password'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,31}$' },
    password: { type: 'string', minLength: 8, maxLength: 128 },
  },
};

/** Accounts: argon2 hashes their passwords, sharp draws their pictures, SQLite keeps both. */
export function buildApp(database: Database, options: FastifyServerOptions = {}): FastifyInstance {
  const app = Fastify({ bodyLimit: 4096, ...options });
  const users = new Users(database);

  app.get('/healthz', { logLevel: 'warn' }, () => ({ status: 'ok' }));
  app.get('/readyz', { logLevel: 'warn' }, () => ({ status: 'ok', users: users.names().length }));

  app.get('/users', () => users.names().map((name) => ({ name, avatar: `/users/${name}/avatar` })));

  app.post<{ Body: Credentials }>(
    '/users',
    { schema: { body: credentials } },
    async (request, reply) => {
      const { name, password } = request.body;
      const [hash, avatar] = await Promise.all([hashPassword(password), drawAvatar(name)]);
      if (!users.add({ name, hash, avatar })) return reply.code(409).send({ error: 'taken' });
      return reply.code(201).header('location', `/users/${name}`).send({ name });
    },
  );

  app.post<{ Body: Credentials }>(
    '/sessions',
    { schema: { body: credentials } },
    async (request, reply) => {
      const { name, password } = request.body;
      const valid = await verifyPassword(users.find(name)?.hash, password);
      return valid ? { name } : reply.code(401).send({ error: 'wrong name or password' });
    },
  );

  app.get<{ Params: { name: string } }>('/users/:name/avatar', (request, reply) => {
    const user = users.find(request.params.name);
    if (!user) return reply.code(404).send({ error: 'no such user' });
    return reply.type('image/webp').send(user.avatar);
  });

  return app;
}
