import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import { get } from 'node:http';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { newApp } from '../src/app.ts';
import { standardOutput } from '../src/logs.ts';
import { Memory } from './memory.ts';

const trace = { trace_id: '0af7651916cd43dd8448eb211c80319c', span_id: 'b7ad6b7169203331' };
const traceparent = `00-${trace.trace_id}-${trace.span_id}-01`;

/** An application that listens: only a real connection counts bytes. */
async function listening(t: TestContext, level = 'info') {
  const log = new Memory();
  const app = newApp('test', { lines: log, level });
  app.get('/', async () => 'hello\n');
  app.get('/streamed', () => Readable.from(['h\u00e9', Buffer.from('llo')]));
  app.get('/never', () => new Promise(() => {}));
  app.get('/users/:id', async ({ log }) => {
    log.warn({ order: 7 }, 'charged');
    return '';
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => app.close());
  /** Asks, and waits for the request's line. */
  const ask = async (path: string, init: RequestInit = {}) => {
    const before = log.requests.length;
    const response = await fetch(url + path, init);
    await response.text();
    while (log.requests.length === before) await sleep(1);
    return response;
  };
  return { app, ask, log, url };
}

test('the line of a request has the keys of the contract, and no others', async (t) => {
  const { ask, log } = await listening(t);
  const { headers } = await ask('/?token=secret', {
    headers: { 'x-request-id': 'abc', traceparent },
  });
  assert.equal(headers.get('x-request-id'), 'abc');
  const { time, duration_ms, ...line } = log.requests[0] ?? {};
  assert.match(`${time}`, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.ok(Number(duration_ms) > 0, `duration_ms: ${duration_ms}`);
  assert.deepEqual(line, {
    level: 'info',
    message: 'request',
    service: 'test',
    request_id: 'abc',
    ...trace,
    method: 'GET',
    path: '/',
    status: 200,
    bytes: 6,
  });
});

test('lines of a handler belong to its request; a warning does not wait', async (t) => {
  const { ask, log } = await listening(t);
  const { headers } = await ask('/users/%C3%BC?a=1');
  const [charged, request] = log.lines.slice(-2);
  const { time: _, ...line } = charged ?? {};
  assert.deepEqual(line, {
    level: 'warn',
    message: 'charged',
    service: 'test',
    request_id: headers.get('x-request-id'),
    order: 7,
  });
  assert.equal(log.flushed, log.lines.length - 1);
  assert.deepEqual([request?.path, request?.bytes], ['/users/%C3%BC', 0]);
});

test('bytes are those of the body', async (t) => {
  const { ask, log } = await listening(t);
  await ask('/streamed');
  await ask('/', { method: 'HEAD' });
  await ask('/nope');
  assert.deepEqual(
    log.requests.map(({ status, bytes }) => [status, bytes]),
    [
      [200, 6],
      [200, 0],
      [404, Buffer.byteLength('{"title":"Not Found","status":404}')],
    ],
  );
});

test('a connection that is cut before the answer: status 0', async (t) => {
  const { app, log, url } = await listening(t);
  const client = get(`${url}/never`).on('error', () => {});
  await once(app.server, 'request');
  client.destroy();
  while (log.requests.length === 0) await sleep(1);
  assert.deepEqual([log.requests[0]?.status, log.requests[0]?.bytes], [0, 0]);
});

test('health checks are logged at debug', async (t) => {
  const { ask, log } = await listening(t, 'debug');
  for (const path of ['/healthz', '/readyz', '/']) await ask(path);
  const levels = log.requests.map(({ level }) => level);
  assert.deepEqual(levels, ['debug', 'debug', 'info']);
});

test('fatal is an error', async () => {
  const log = new Memory();
  newApp('test', { lines: log }).log.fatal('gone');
  assert.equal(log.lines[0]?.level, 'error');
});

test('lines wait for others; a warning and what waits are written at once', async (t) => {
  const writes: string[] = [];
  t.mock.method(fs, 'writeSync', (_file: number, text: string) => {
    if (text) writes.push(text);
    return Buffer.byteLength(text);
  });
  const { log } = newApp('test', { lines: standardOutput });
  const messages = (text = '') =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).message);
  log.info('one');
  log.info('two');
  assert.deepEqual(writes, []);
  while (writes.length === 0) await sleep(1);
  log.info('three');
  log.warn('four');
  assert.deepEqual(writes.map(messages), [
    ['one', 'two'],
    ['three', 'four'],
  ]);
  log.info({ text: 'x'.repeat(20_000) }, 'long');
  assert.deepEqual(messages(writes.slice(2).join('')), ['long']);
});
