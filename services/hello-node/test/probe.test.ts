import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { freePort } from './service.ts';

async function probe(port: number, ...paths: string[]): Promise<number> {
  const env = { PATH: process.env.PATH, PORT: `${port}` };
  const [code] = await once(spawn(process.execPath, ['src/probe.ts', ...paths], { env }), 'exit');
  return code;
}

for (const [status, code] of [
  [200, 0],
  [503, 1],
] as const) {
  test(`/healthz answers ${status}: exit ${code}`, async (t) => {
    const asked: (string | undefined)[] = [];
    const server = createServer(({ url }, response) => {
      asked.push(url);
      response.writeHead(status).end();
    }).listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    assert.equal(await probe((server.address() as AddressInfo).port), code);
    assert.deepEqual(asked, ['/healthz']);
  });
}

test('another path may be named', async (t) => {
  const server = createServer(({ url }, response) => {
    response.writeHead(url === '/alive' ? 200 : 404).end();
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  assert.equal(await probe(port, '/alive'), 0);
  assert.equal(await probe(port, '/dead'), 1);
});

test('nobody listens: exit 1', async () => {
  assert.equal(await probe(await freePort()), 1);
});

test('no answer comes: exit 1', { timeout: 10_000 }, async (t) => {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  await once(server, 'listening');
  assert.equal(await probe((server.address() as AddressInfo).port), 1);
});
