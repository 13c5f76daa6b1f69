import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, createServer, get } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { draining, run, start } from './process.ts';

const peer = ['test/services/peer.ts'];

test('the whole service of the README', async (t) => {
  const readme = await readFile('README.md', 'utf8');
  const block = /(?<=:\n\n)(( {4}.*)?\n)+/.exec(readme)?.[0].replace(/^ {4}/gm, '');
  assert.ok(block);
  const folder = await mkdtemp(join(tmpdir(), 'servicekit-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'server.mts');
  await writeFile(
    file,
    block.replace("'servicekit'", `'${import.meta.resolve('../src/index.ts')}'`),
  );
  const service = await start(t, [file]);
  assert.equal(await (await fetch(service.url)).text(), 'hello\n');
  service.process.kill('SIGTERM');
  assert.equal(await service.ended, 0);
  const messages = service.lines().map(({ message, service }) => [message, service]);
  assert.deepEqual(messages.slice(1), [
    ['request', 'greeter'],
    ['draining', 'greeter'],
    ['drained', 'greeter'],
  ]);
  assert.equal(service.stderr(), '');
});

test('a request to another service carries the IDs', async (t) => {
  const upstream = createServer(({ headers }, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(headers));
  }).listen(0, '127.0.0.1');
  t.after(() => upstream.close());
  await once(upstream, 'listening');
  const { port } = upstream.address() as AddressInfo;
  const service = await start(t, peer, { UPSTREAM: `http://127.0.0.1:${port}` });
  const headers = {
    'x-request-id': 'abc',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  };
  const seen = await (await fetch(`${service.url}/peer`, { headers })).json();
  assert.equal(seen['x-request-id'], headers['x-request-id']);
  assert.equal(seen.traceparent, headers.traceparent);
});

test('IPv6', async (t) => {
  const addresses = Object.values(networkInterfaces()).flat();
  if (!addresses.some((each) => each?.family === 'IPv6')) return t.skip('this machine has no IPv6');
  const { port } = await start(t, peer);
  assert.equal((await fetch(`http://[::1]:${port}/`)).status, 200);
});

for (const [name, hosts] of [
  ['no Host', ''],
  ['two Hosts', 'Host: a\r\nHost: b\r\n'],
] as const) {
  test(`${name}: 400`, async (t) => {
    const { port } = await start(t, peer);
    const socket = connect(port, '127.0.0.1');
    socket.write(`GET / HTTP/1.1\r\n${hosts}Connection: close\r\n\r\n`);
    assert.match(await text(socket), /^HTTP\/1\.1 400 /);
  });
}

test('lines that wait are written when the process ends badly', async (t) => {
  const service = await start(t, peer);
  await (await fetch(`${service.url}/crash`)).text();
  assert.equal(await service.ended, 1);
  assert.equal(service.lines().at(-1)?.path, '/crash');
  assert.match(service.stderr(), /crashed/);
});

test('SIGTERM: not ready at once, serves for the delay; a second one ends it at once with 1', async (t) => {
  const service = await start(t, peer, { DRAIN_DELAY: '1h' });
  service.process.kill('SIGTERM');
  await draining(service);
  const response = await fetch(service.url);
  assert.deepEqual([response.status, response.headers.get('connection')], [200, 'close']);
  service.process.kill('SIGTERM');
  assert.equal(await service.ended, 1);
  await assert.rejects(fetch(service.url), 'the listener is closed');
});

test('SIGTERM: idle, silent and half-written connections do not hold it up', async (t) => {
  const service = await start(t, peer);
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const [response] = await once(get(service.url, { agent }), 'response');
  response.resume();
  const silent = connect(service.port, '127.0.0.1');
  const half = connect(service.port, '127.0.0.1');
  half.write('GET / HTTP/1.1\r\nHost:');
  for (const socket of [silent, half]) socket.on('error', () => {});
  await Promise.all([once(response, 'end'), once(silent, 'connect'), once(half, 'connect')]);
  service.process.kill('SIGTERM');
  assert.equal(await service.ended, 0, 'not cut off');
});

test('a request without end is cut off, logged and an exit code of 1', async (t) => {
  const service = await start(t, peer);
  const never = get(`${service.url}/never`);
  const cutOff = assert.rejects(once(never, 'response'), { code: 'ECONNRESET' });
  await once(never, 'finish');
  service.process.kill('SIGTERM');
  assert.equal(await service.ended, 1);
  await cutOff;
  const [cut, request] = service
    .lines()
    .slice(-2)
    .sort((a, b) => `${a.level}`.localeCompare(`${b.level}`));
  assert.deepEqual(
    [cut?.level, cut?.message],
    ['error', 'requests that did not end in time were cut off'],
  );
  assert.deepEqual([request?.path, request?.status], ['/never', 0]);
});

test('wrong settings are one line each on stderr and a failure', async () => {
  const wrong = { PORT: 'http', LOG_LEVEL: 'loud', DRAIN_DELAY: '2', UPSTREAM: '//' };
  const service = run(peer, wrong);
  assert.equal(await service.ended, 1);
  assert.equal(service.stdout(), '');
  const names = service
    .stderr()
    .trimEnd()
    .split('\n')
    .map((line) => line.split(':')[1]);
  assert.deepEqual(
    names.sort(),
    Object.keys(wrong)
      .map((name) => ` reading ${name}`)
      .sort(),
  );
});

test('a port in use is one line on stderr and a failure', async (t) => {
  const { port } = await start(t, peer);
  const second = run(peer, { PORT: `${port}` });
  assert.equal(await second.ended, 1);
  assert.match(second.stderr(), /^peer: listen EADDRINUSE: [^\n]+\n$/);
});
