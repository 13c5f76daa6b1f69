import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FastifyRequest } from 'fastify';
import { requestId, trace, traceHeaders } from '../src/identity.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const NONE = '0'.repeat(32);

for (const id of ['abc-123', 'a'.repeat(128), '._:/+=-']) {
  test(`the ID ${id.slice(0, 9)} is kept`, () => {
    assert.equal(requestId({ headers: { 'x-request-id': id } }), id);
  });
}

for (const id of ['', 'a'.repeat(129), 'a b', 'a\n', 'a"', 'a, b']) {
  test(`the ID ${JSON.stringify(id.slice(0, 9))} is replaced`, () => {
    assert.match(requestId({ headers: { 'x-request-id': id } }), /^[0-9a-f-]{36}$/);
  });
}

for (const traceparent of [`00-${TRACE}-${SPAN}-01`, `cc-${TRACE}-${SPAN}-00-what-comes-later`]) {
  test(`traceparent ${traceparent} is read, and passed on`, () => {
    const headers = { traceparent, tracestate: 'a=1', authorization: 'not for others' };
    assert.deepEqual(trace(headers), { trace_id: TRACE, span_id: SPAN });
    assert.deepEqual(traceHeaders({ id: 'x', headers } as unknown as FastifyRequest), {
      'x-request-id': 'x',
      traceparent,
      tracestate: 'a=1',
    });
  });
}

for (const traceparent of [
  '',
  'x',
  `ff-${TRACE}-${SPAN}-01`,
  `00-${NONE}-${SPAN}-01`,
  `00-${TRACE}-${NONE.slice(16)}-01`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}`,
  `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`,
]) {
  test(`traceparent ${JSON.stringify(traceparent)} is ignored`, () => {
    const headers = { traceparent, tracestate: 'a=1' };
    assert.deepEqual(trace(headers), {});
    const passedOn = traceHeaders({ id: 'x', headers } as unknown as FastifyRequest);
    assert.deepEqual(passedOn, { 'x-request-id': 'x' });
  });
}
