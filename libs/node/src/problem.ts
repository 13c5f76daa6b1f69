import { type OutgoingHttpHeaders, STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import findMyWay, { type HTTPMethod } from 'find-my-way';

/** An error that the client is meant to see: it is answered with its status, headers and message. */
export class Problem extends Error {
  readonly statusCode: number;
  readonly headers: OutgoingHttpHeaders;

  constructor(statusCode: number, detail?: string, headers: OutgoingHttpHeaders = {}) {
    super(detail);
    this.statusCode = statusCode;
    this.headers = headers;
  }
}

/** Answers an error as RFC 9457 has it. Of one that is the service's own fault, only the log has the details. */
export function answerError(
  error: Partial<FastifyError> & Error,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const status = statusOf(error);
  const shown = error instanceof Problem || status < 500;
  if (!shown) request.log.error(error);
  reply
    .code(status)
    .headers(error instanceof Problem ? error.headers : {})
    .type('application/problem+json')
    .send({ title: STATUS_CODES[status], status, detail: (shown && error.message) || undefined });
}

/**
 * An error with a status may be that of a service which this one asked, and means nothing to our client. Only a Problem, those of
 * Fastify itself, and those of http-errors that say so, are answered with their own.
 */
function statusOf(error: Partial<FastifyError> & { expose?: boolean }): number {
  const { code, expose, statusCode = 500, validation } = error;
  const ours = error instanceof Problem || expose || validation || `${code}`.startsWith('FST_');
  return ours && statusCode >= 400 ? statusCode : 500;
}

/** Answers all errors of an application as problems, and unknown paths and methods too. Routes are added afterwards. */
export function answerErrors(app: FastifyInstance): void {
  // Fastify does not say which methods a path has: its router is asked again.
  const router = findMyWay();
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat() as HTTPMethod[]) {
      if (!router.hasRoute(one, url)) router.on(one, url, () => {});
    }
  });
  const notFound = ({ url }: FastifyRequest) => {
    const methods = app.supportedMethods.filter((one) => router.find(one as HTTPMethod, url));
    const allow = methods.join(', ');
    return allow ? new Problem(405, undefined, { allow }) : new Problem(404);
  };

  app.setNotFoundHandler((request) => {
    throw notFound(request);
  });
  app.setErrorHandler((error: Partial<FastifyError> & Error, request, reply) => {
    // A body is parsed before the path is found missing.
    const unread = request.is404 && `${error.code}`.startsWith('FST_ERR_CTP_');
    answerError(unread ? notFound(request) : error, request, reply);
  });

  // RFC 9112, 3.2; Node.js itself refuses only a request without any.
  app.addHook('onRequest', ({ raw }, _reply, done) => {
    const hosts = raw.rawHeaders.filter((name, i) => i % 2 === 0 && /^host$/i.test(name));
    done(hosts.length > 1 ? new Problem(400, 'send one Host') : undefined);
  });
}
