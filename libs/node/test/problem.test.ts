import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InjectOptions } from 'fastify';
import { newApp } from '../src/app.ts';
import { Problem } from '../src/problem.ts';
import { Memory } from './memory.ts';

const body = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };

function testApp() {
  const log = new Memory();
  const app = newApp('test', { lines: log, bodyLimit: 100 });
  app.get('/', async () => 'hello\n');
  app.post('/numbers', { schema: { body } }, async () => 'taken\n');
  app.get('/users/:id', async () => ({}));
  app.delete('/users/:id', async () => ({}));
  app.get('/paid', async () => {
    throw new Problem(409, 'the order is paid already', { 'retry-after': '1' });
  });
  for (const status of [200, 401, 503]) {
    const upstream = Object.assign(new Error('token abc is not valid'), { statusCode: status });
    app.get(`/upstream/${status}`, () => Promise.reject(upstream));
  }
  app.get('/exposed', () =>
    Promise.reject(Object.assign(new Error('as http-errors'), { statusCode: 418, expose: true })),
  );
  app.get('/late', { handlerTimeout: 10 }, () => new Promise(() => {}));
  return { app, log };
}

const post = (url: string, payload: string, type = 'application/json'): InjectOptions => ({
  method: 'POST',
  url,
  payload,
  headers: { 'content-type': type },
});

const cases: [
  name: string,
  request: InjectOptions,
  status: number,
  detail?: RegExp | undefined,
  allow?: string,
][] = [
  ['unknown path', { url: '/nope?secret=1' }, 404],
  ['unknown path, any body', post('/nope', '<a/>', 'text/xml'), 404],
  ['wrong method', { method: 'POST', url: '/' }, 405, undefined, 'GET, HEAD'],
  ['wrong method, any body', post('/', '<a/>', 'text/xml'), 405, undefined, 'GET, HEAD'],
  ['wrong method, large body', post('/', `"${'x'.repeat(200)}"`), 405, undefined, 'GET, HEAD'],
  ['wrong method, query', { method: 'PUT', url: '/?a=/numbers' }, 405, undefined, 'GET, HEAD'],
  ['a parameter', { method: 'PUT', url: '/users/4%2F2' }, 405, undefined, 'GET, HEAD, DELETE'],
  ['health', { method: 'DELETE', url: '/healthz' }, 405, undefined, 'GET, HEAD'],
  ['bad path', { url: '/%' }, 400, /not a valid url/],
  ['bad JSON', post('/numbers', '{"n":'), 400, /not valid JSON/],
  ['bad type', post('/numbers', '<a/>', 'text/xml'), 415, /Unsupported/],
  ['large body', post('/numbers', `"${'x'.repeat(200)}"`), 413, /too large/],
  ['not as the schema', post('/numbers', '{}'), 400, /must have required property 'n'/],
  ['a Problem', { url: '/paid' }, 409, /^the order is paid already$/],
  ['an error that is to be shown', { url: '/exposed' }, 418, /^as http-errors$/],
  ["another service's 200", { url: '/upstream/200' }, 500],
  ["another service's 401", { url: '/upstream/401' }, 500],
  ["another service's 503", { url: '/upstream/503' }, 500],
  ["Fastify's own 503", { url: '/late' }, 503],
];

for (const [name, request, status, detail, allow] of cases) {
  test(`${name}: ${status}`, async () => {
    const { app, log } = testApp();
    const response = await app.inject(request);
    assert.equal(response.statusCode, status, response.body);
    assert.match(`${response.headers['content-type']}`, /^application\/problem\+json/);
    assert.match(`${response.headers['x-request-id']}`, /^[0-9a-f-]{36}$/);
    assert.equal(response.headers.allow, allow);
    const problem = response.json();
    assert.equal(problem.status, status);
    assert.ok(problem.title);
    assert.match(problem.detail ?? '', detail ?? /^$/);
    // A fault of the service is in the log, and only there.
    const faults = log.lines.filter(({ level }) => level === 'error');
    assert.deepEqual(
      faults.map(({ message }) => message),
      { 500: ['token abc is not valid'], 503: ["Request timed out after 10 ms on route '/late'"] }[
        status
      ] ?? [],
    );
  });
}

test('a Problem brings headers', async () => {
  assert.equal((await testApp().app.inject('/paid')).headers['retry-after'], '1');
});

test('a part of a service may answer itself what it does not have', async () => {
  const { app } = testApp();
  app.register(
    async (ui) => {
      ui.get('/page', async () => 'page');
      ui.setNotFoundHandler(async () => 'start page');
    },
    { prefix: '/ui' },
  );
  assert.equal((await app.inject('/ui/nope')).body, 'start page');
  assert.equal((await app.inject({ method: 'POST', url: '/ui/page' })).body, 'start page');
  assert.equal((await app.inject('/nope')).statusCode, 404);
});

test('liveness stays, readiness ends with the signal to stop', async () => {
  const controller = new AbortController();
  const app = newApp('test', { stop: controller.signal, logger: false });
  assert.equal((await app.inject('/readyz')).statusCode, 200);
  controller.abort();
  const stopping = await app.inject('/readyz');
  assert.deepEqual(stopping.json(), {
    title: 'Service Unavailable',
    status: 503,
    detail: 'draining',
  });
  assert.equal((await app.inject('/healthz')).statusCode, 200);
});
