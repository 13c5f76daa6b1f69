import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildApp } from '../src/app.ts';

function app(stop = new AbortController().signal) {
  return buildApp({ stop, passwords: { cost: 4 } });
}

test('GET / greets', async () => {
  const response = await app().inject('/');
  assert.equal(response.statusCode, 200);
  assert.deepEqual(response.json(), { message: 'Hello from multi-stage Node.js!' });
});

test('HEAD / has the headers of GET and no body', async () => {
  const response = await app().inject({ method: 'HEAD', url: '/' });
  assert.equal(response.statusCode, 200);
  assert.equal(response.headers['content-length'], '45');
  assert.equal(response.body, '');
});

test('a hash verifies its own password and no other', async () => {
  const service = app();
  const post = (url: string, body: object) => service.inject({ method: 'POST', url, body });
  const { hash } = (await post('/hash', { password: 'correct horse' })).json();
  assert.match(hash, /^\$2b\$04\$/);
  const right = await post('/verify', { password: 'correct horse', hash });
  assert.deepEqual(right.json(), { valid: true });
  const wrong = await post('/verify', { password: 'battery staple', hash });
  assert.deepEqual(wrong.json(), { valid: false });
});

test('liveness stays, readiness ends with the signal to stop', async () => {
  const controller = new AbortController();
  const service = app(controller.signal);
  const ready = await service.inject('/readyz');
  assert.equal(ready.statusCode, 200);
  controller.abort();
  const stopping = await service.inject('/readyz');
  assert.equal(stopping.statusCode, 503);
  assert.deepEqual(stopping.json(), { status: 'stopping' });
  const alive = await service.inject('/healthz');
  assert.equal(alive.statusCode, 200);
});
