import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';

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
