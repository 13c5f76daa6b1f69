import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InjectOptions } from 'fastify';
import { buildApp } from '../src/app.ts';

const json = { 'content-type': 'application/json' };
const post = (body: string | object, headers: Record<string, string> = json): InjectOptions => ({
  method: 'POST',
  url: '/hash',
  headers,
  payload: body,
});
const verify = (hash: string) => ({ ...post({ password: 'x', hash }), url: '/verify' });

const faults: [name: string, request: InjectOptions, status: number, message: RegExp][] = [
  ['unknown path', { url: '/nope?secret=1' }, 404, /^There is nothing at \/nope$/],
  ['unknown path, JSON', { ...post({}), url: '/nope' }, 404, /\/nope/],
  ['wrong method', { url: '/hash' }, 405, /takes POST, not GET/],
  ['wrong method, any body', { ...post('<a/>', {}), url: '/' }, 405, /takes GET, HEAD, not POST/],
  ['wrong method, query', { method: 'DELETE', url: '/healthz?a=/' }, 405, /not DELETE/],
  ['bad JSON', post('{"password":'), 400, /not valid JSON/],
  ['no body', post(''), 400, /cannot be empty/],
  ['wrong media type', post('password=x', { 'content-type': 'text/plain' }), 415, /text\/plain/],
  ['no media type', post('{"password":"x"}', {}), 415, /send application\/json/],
  ['too large a body', post({ password: 'x'.repeat(5000) }), 413, /too large/],
  ['no password', post({}), 400, /required property 'password'/],
  ['empty password', post({ password: '' }), 400, /fewer than 1 character/],
  ['password of another type', post({ password: 1 }), 400, /must be string/],
  ['unknown property', post({ password: 'x', cost: 4 }), 400, /additional properties/],
  ['73 bytes', post({ password: 'x'.repeat(73) }), 400, /73 bytes .* at most 72/],
  ['37 characters, 74 bytes', post({ password: '\u00e9'.repeat(37) }), 400, /74 bytes/],
  ['no bcrypt hash', verify('secret'), 400, /not a bcrypt hash/],
  ['a hash to wait days for', verify(`$2b$31$${'a'.repeat(53)}`), 400, /cost 4 to 12/],
  [
    'a hash that bcrypt.js only calls wrong',
    verify(`$2y$10$${'a'.repeat(53)}`),
    400,
    /bcrypt hash/,
  ],
  ['prototype poisoning', post('{"password":"x","__proto__":{}}'), 400, /not valid JSON/],
];

for (const [name, request, status, message] of faults) {
  test(`${name}: ${status}`, async () => {
    const response = await buildApp({ stop: new AbortController().signal }).inject(request);
    assert.equal(response.statusCode, status, response.body);
    assert.match(response.json().detail, message);
    assert.equal(response.json().status, status);
    assert.match(String(response.headers['content-type']), /^application\/problem\+json/);
  });
}

test('72 bytes are taken, counted in UTF-8', async () => {
  const app = buildApp({ stop: new AbortController().signal, passwords: { cost: 4 } });
  const response = await app.inject(post({ password: '\u00e9'.repeat(36) }));
  assert.equal(response.statusCode, 200);
});

test('405 names what is allowed, 415 what is accepted', async () => {
  const app = buildApp({ stop: new AbortController().signal });
  assert.equal((await app.inject('/hash')).headers.allow, 'POST');
  const head = await app.inject({ method: 'OPTIONS', url: '/' });
  assert.deepEqual(head.headers.allow?.toString().split(', ').sort(), ['GET', 'HEAD']);
  assert.equal((await app.inject(post('x', {}))).headers.accept, 'application/json');
});

test('a fault of ours is logged and tells the client nothing', async () => {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  const app = buildApp({ stop: new AbortController().signal, logger: { stream } });
  app.get('/fault', () => Promise.reject(new Error('the secret of /etc')));
  const response = await app.inject('/fault');
  assert.equal(response.statusCode, 500);
  assert.deepEqual(response.json(), { title: 'Internal Server Error', status: 500 });
  assert.doesNotMatch(response.body, /secret/);
  const logged = lines.map((line) => JSON.parse(line)).find(({ level }) => level === 50);
  assert.match(logged.err.stack, /the secret of/);
});

test('the error of a service that was asked is not for the client', async () => {
  for (const statusCode of [200, 401, 503]) {
    const lines: string[] = [];
    const stream = { write: (line: string) => void lines.push(line) };
    const app = buildApp({ stop: new AbortController().signal, logger: { stream } });
    const upstream = Object.assign(new Error('token abc is not valid'), { statusCode });
    app.get('/asks', () => Promise.reject(upstream));
    const response = await app.inject('/asks');
    assert.equal(response.statusCode, 500);
    assert.doesNotMatch(response.body, /token/);
    assert.match(lines.join(''), /token abc/);
  }
});

test('a path with a parameter has its methods too', async () => {
  const app = buildApp({ stop: new AbortController().signal });
  app.get('/users/:id', async () => ({}));
  const response = await app.inject({ method: 'POST', url: '/users/42' });
  assert.deepEqual([response.statusCode, response.headers.allow], [405, 'GET, HEAD']);
});
