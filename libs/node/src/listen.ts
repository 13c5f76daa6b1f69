import type { FastifyInstance } from 'fastify';

/** What systems say that have no IPv6, or have it turned off. */
const NO_IPV6 = ['EAFNOSUPPORT', 'EADDRNOTAVAIL'];

/** The kernel keeps one more client than this for a listener, until they are accepted. */
export const BACKLOG = 511;

/** Listens on all addresses, of IPv4 and of IPv6 where there is any. */
export async function listen(app: FastifyInstance, port: number): Promise<void> {
  try {
    await app.listen({ host: '::', port, backlog: BACKLOG });
  } catch (error) {
    if (!NO_IPV6.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await app.listen({ host: '0.0.0.0', port, backlog: BACKLOG });
  }
}
