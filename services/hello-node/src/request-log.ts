import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';

/** A request's URL without its query string, which may hold secrets. */
export const pathOf = (url: string): string => url.replace(/\?.*/s, '');

/**
 * What of a request is logged: no query string, which may hold secrets. A socket for IPv4 and IPv6 has its IPv4 clients at
 * ::ffff:127.0.0.1 and the like.
 */
export const serializers = {
  req: ({ method, url, host, ip, socket }: FastifyRequest) => ({
    method,
    url: pathOf(url),
    host,
    remoteAddress: ip?.replace(/^::ffff:/, ''),
    ...(socket?.remotePort && { remotePort: socket.remotePort }),
  }),
};

/** One line for each request, when it is over; Fastify's own two cost more than a small answer. */
export class RequestLog extends LogController {
  override incomingRequest(): void {}

  override requestCompleted(
    err: Error | null | undefined,
    req: FastifyRequest,
    res: FastifyReply,
  ): void {
    const line = { req, res, responseTime: res.elapsedTime };
    if (err) req.log.error({ ...line, err }, 'request failed');
    else req.log.info(line, 'request');
  }
}
