import type { OutgoingHttpHeaders } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyInstance } from 'fastify';

/** An error that the client is meant to see: Fastify answers with its status, headers and message. */
export class HttpError extends Error {
  readonly statusCode: number;
  readonly headers: OutgoingHttpHeaders;

  constructor(statusCode: number, message: string, headers: OutgoingHttpHeaders = {}) {
    super(message);
    this.statusCode = statusCode;
    this.headers = headers;
  }
}

/** Gives every error one shape, hides the words of those that are our own fault, and answers 404 and 405. */
export function handleErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | HttpError, request, reply) => {
    const statusCode = error.statusCode ?? 500;
    const meant = error instanceof HttpError || statusCode < 500;
    if (!meant) request.log.error(error);
    if (error instanceof HttpError) reply.headers(error.headers);
    return reply.code(statusCode).send({
      statusCode,
      error: STATUS_CODES[statusCode],
      message: meant ? error.message : 'Something went wrong on our side',
    });
  });

  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser('*', (request, _body, done) => {
    const type = request.headers['content-type'] ?? 'a body without a content-type';
    done(new HttpError(415, `send application/json, not ${type}`, { accept: 'application/json' }));
  });

  // A hook and not a not-found handler: that one runs after the body was parsed, and would answer 415 or 413 first.
  app.addHook('onRequest', async (request) => {
    // RFC 9112, 3.2; Node.js itself refuses only a request without any.
    const hosts = request.raw.rawHeaders.filter((name, i) => i % 2 === 0 && /^host$/i.test(name));
    if (hosts.length > 1) throw new HttpError(400, 'send one Host');
    if (!request.is404) return;
    const url = request.url.replace(/\?.*/s, '');
    const allowed = app.supportedMethods.filter((method) => app.hasRoute({ method, url }));
    if (allowed.length === 0) throw new HttpError(404, `There is nothing at ${url}`);
    const allow = allowed.join(', ');
    throw new HttpError(405, `${url} takes ${allow}, not ${request.method}`, { allow });
  });
}
