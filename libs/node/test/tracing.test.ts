import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Service, start } from './process.ts';

const trace = '0af7651916cd43dd8448eb211c80319c';
const caller = 'b7ad6b7169203331';

interface Span {
  traceId: string;
  parentSpanId: string;
}

/** Receives spans by OTLP over HTTP. */
async function collector(t: TestContext) {
  const spans: Span[] = [];
  const server = createServer(async (request, response) => {
    const { resourceSpans = [] } = (await json(request)) as {
      resourceSpans?: { scopeSpans: { spans: Span[] }[] }[];
    };
    for (const { scopeSpans } of resourceSpans) {
      spans.push(...scopeSpans.flatMap((scope) => scope.spans));
    }
    response.end('{}');
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { spans, endpoint: `http://127.0.0.1:${port}` };
}

/** Starts a service that knows the collector, and asks it with a traceparent. */
async function ask(t: TestContext, endpoint: string, ...options: string[]): Promise<Service> {
  const service = await start(t, [...options, 'test/services/peer.ts'], {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '1',
  });
  await fetch(service.url, { headers: { traceparent: `00-${trace}-${caller}-01` } });
  return service;
}

test('a request is a span of its caller', async (t) => {
  const { spans, endpoint } = await collector(t);
  await ask(t, endpoint, '--import', 'servicekit/tracing');
  const ours = () => spans.filter(({ traceId }) => traceId === trace);
  while (ours().length === 0) await sleep(10);
  assert.deepEqual(
    ours().map(({ parentSpanId }) => parentSpanId),
    [caller],
  );
});

test('nothing is exported by default', async (t) => {
  const { spans, endpoint } = await collector(t);
  const service = await ask(t, endpoint);
  service.process.kill('SIGTERM');
  assert.equal(await service.ended, 0);
  assert.deepEqual(spans, []);
});
