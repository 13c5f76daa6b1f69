import type { FastifyInstance } from 'fastify';
import { newApp } from 'servicekit';
import { type PasswordOptions, Passwords } from '../src/passwords.ts';
import { options, routes } from '../src/routes.ts';

/** The application, which does not listen. */
export function testApp(passwords: Partial<PasswordOptions> = { cost: 4 }): FastifyInstance {
  const app = newApp('hello-node', { ...options, logger: false });
  routes(new Passwords(passwords))(app);
  return app;
}
