import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';

/** What an ID from outside may look like: it ends up in logs and in the answer. */
const ACCEPTABLE = /^[A-Za-z0-9._:/+=-]{1,128}$/;

/** https://www.w3.org/TR/trace-context/: version, trace, the caller's span, flags, and what later versions may add. */
const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?$/;

/** The ID that a proxy gave a request if it is acceptable, else a new one. */
export function requestId({ headers }: { headers: IncomingHttpHeaders }): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && ACCEPTABLE.test(given) ? given : randomUUID();
}

/** The IDs of a request's trace and of the caller's span; none without a valid traceparent. */
export function trace(headers: IncomingHttpHeaders): { trace_id?: string; span_id?: string } {
  const [, trace_id, span_id] = TRACEPARENT.exec(`${headers.traceparent ?? ''}`) ?? [];
  return trace_id && span_id ? { trace_id, span_id } : {};
}

/** The headers by which a request to another service belongs to the one that is being answered. */
export function traceHeaders({ id, headers }: FastifyRequest): Record<string, string> {
  const { traceparent, tracestate } = headers;
  return {
    'x-request-id': id,
    ...(trace(headers).trace_id && { traceparent: `${traceparent}` }),
    ...(trace(headers).trace_id && tracestate && { tracestate: `${tracestate}` }),
  };
}
