import type { OutgoingHttpHeaders } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import findMyWay, { type HTTPMethod } from 'find-my-way';
import { pathOf } from './request-log.ts';

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

/** Answers every error as RFC 9457 has it, and says nothing of those that are the service's own fault. */
export function handleErrors(app: FastifyInstance): void {
  const problem = (reply: FastifyReply, status: number, detail?: string) =>
    reply
      .code(status)
      .type('application/problem+json')
      .send({ title: STATUS_CODES[status], status, detail });

  app.setErrorHandler((error: FastifyError | HttpError, request, reply) => {
    if (!isForTheClient(error)) {
      request.log.error(error);
      return problem(reply, 500);
    }
    if (error instanceof HttpError) reply.headers(error.headers);
    return problem(reply, error.statusCode ?? 500, error.message);
  });

  app.setNotFoundHandler((request, reply) =>
    problem(reply, 404, `There is nothing at ${pathOf(request.url)}`),
  );

  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser('*', (request, _body, done) => {
    const type = request.headers['content-type'] ?? 'a body without a content-type';
    done(new HttpError(415, `send application/json, not ${type}`, { accept: 'application/json' }));
  });

  // Fastify does not say which methods a path has: its router is asked again.
  const router = findMyWay();
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) router.on(one as HTTPMethod, url, () => {});
  });

  // A hook and not a not-found handler: that one runs after the body was parsed, and would answer 415 or 413 first.
  app.addHook('onRequest', async (request) => {
    // RFC 9112, 3.2; Node.js itself refuses only a request without any.
    const hosts = request.raw.rawHeaders.filter((name, i) => i % 2 === 0 && /^host$/i.test(name));
    if (hosts.length > 1) throw new HttpError(400, 'send one Host');
    if (!request.is404) return;
    const path = pathOf(request.url);
    const allow = app.supportedMethods
      .filter((method) => router.find(method as HTTPMethod, path))
      .join(', ');
    if (allow) throw new HttpError(405, `${path} takes ${allow}, not ${request.method}`, { allow });
  });
}

/**
 * An error with a status may be that of a service which this one asked: its words are not for our client. Only HttpError, those
 * of Fastify itself, and those of http-errors that say so, are.
 */
function isForTheClient(error: (FastifyError | HttpError) & { expose?: boolean }): boolean {
  if (error instanceof HttpError) return true;
  const {
    code = '',
    expose,
    statusCode = 500,
    validation,
  } = error as FastifyError & { expose?: boolean };
  return (
    statusCode >= 400 &&
    statusCode < 500 &&
    (expose || validation !== undefined || code.startsWith('FST_'))
  );
}
