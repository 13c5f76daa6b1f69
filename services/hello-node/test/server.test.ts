import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { draining, run, start } from './service.ts';

/** Milliseconds, on a machine busy with other tests; what must not be waited for takes longer. */
const SOON = 5_000;

const password = { password: 'x' };
const post = (body: object) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

test('logs are JSON, one object a line, without the passwords', async (t) => {
  const service = await start(t);
  await fetch(`${service.url}/hash`, post({ password: 'hush hush' }));
  service.process.kill('SIGTERM');
  await service.ended;
  const lines = service
    .log()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(lines.at(-1).msg, 'stopped');
  const [request, ...others] = lines.filter(({ req }) => req);
  assert.deepEqual([request.req.url, request.res.statusCode, others], ['/hash', 200, []]);
  assert.equal(request.req.remoteAddress, '127.0.0.1');
  assert.ok(!lines.some(({ req }) => req?.url === '/readyz'), 'health checks are not logged');
  assert.doesNotMatch(service.log(), /hush/);
});

test('IPv6', async (t) => {
  const addresses = Object.values(networkInterfaces()).flat();
  if (!addresses.some((each) => each?.family === 'IPv6')) return t.skip('this machine has no IPv6');
  const { port } = await start(t);
  assert.equal((await fetch(`http://[::1]:${port}/`)).status, 200);
});

for (const [name, hosts] of [
  ['no Host', ''],
  ['two Hosts', 'Host: a\r\nHost: b\r\n'],
] as const) {
  test(`${name}: 400`, async (t) => {
    const { port } = await start(t);
    const socket = connect(port, '127.0.0.1');
    socket.write(`GET / HTTP/1.1\r\n${hosts}Connection: close\r\n\r\n`);
    assert.match(await text(socket), /^HTTP\/1\.1 400 /);
  });
}

test('SIGTERM: not ready at once, serves for the delay, then exits 0', async (t) => {
  const service = await start(t, { DRAIN_DELAY: '3s' });
  service.process.kill('SIGTERM');
  await draining(service);
  assert.equal((await fetch(`${service.url}/`)).status, 200, 'still serving');
  assert.equal(await service.ended, 0);
  await assert.rejects(fetch(service.url), 'the listener is closed');
});

test('SIGTERM: what is in flight is answered', async (t) => {
  const service = await start(t);
  const answers = Array.from({ length: 20 }, () => fetch(`${service.url}/hash`, post(password)));
  await Promise.race(answers);
  service.process.kill('SIGTERM');
  const responses = await Promise.all(answers);
  assert.deepEqual(new Set(responses.map(({ status }) => status)), new Set([200]));
  for (const response of responses) assert.match((await response.json()).hash, /^\$2b\$/);
  assert.equal(await service.ended, 0);
});

test('SIGTERM: idle, silent and half-written connections do not hold it up', async (t) => {
  const service = await start(t);
  const agent = new Agent({ keepAlive: true });
  const [response] = await once(get(service.url, { agent }), 'response');
  response.resume();
  const silent = connect(service.port, '127.0.0.1');
  const half = connect(service.port, '127.0.0.1');
  half.write('GET / HTTP/1.1\r\nHost:');
  for (const socket of [silent, half]) socket.on('error', () => {});
  await Promise.all([once(response, 'end'), sleep(200)]);
  const asked = performance.now();
  service.process.kill('SIGTERM');
  assert.equal(await service.ended, 0);
  assert.ok(performance.now() - asked < SOON, `${performance.now() - asked} ms`);
});

test('a second SIGTERM ends it at once, and not with 0', async (t) => {
  const service = await start(t, { DRAIN_DELAY: '1m' });
  service.process.kill('SIGTERM');
  await draining(service);
  const asked = performance.now();
  service.process.kill('SIGTERM');
  assert.equal(await service.ended, 1);
  assert.ok(performance.now() - asked < SOON, `${performance.now() - asked} ms`);
});

test('a bad PORT is one line on stderr and a failure', async () => {
  const service = run({ PORT: 'http' });
  assert.equal(await service.ended, 1);
  assert.equal(
    service.log(),
    'hello-node: PORT must be a whole number from 1 to 65535, not "http"\n',
  );
});

test('a port in use is one line on stderr and a failure', async (t) => {
  const { port } = await start(t);
  const second = run({ PORT: `${port}`, LOG_LEVEL: 'silent' });
  assert.equal(await second.ended, 1);
  assert.match(second.log(), /^hello-node: listen EADDRINUSE: [^\n]+\n$/);
});
