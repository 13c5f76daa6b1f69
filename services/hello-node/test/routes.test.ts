import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InjectOptions } from 'fastify';
import { testApp } from './app.ts';

const json = { 'content-type': 'application/json' };
const post = (body: string | object, headers: Record<string, string> = json): InjectOptions => ({
  method: 'POST',
  url: '/hash',
  headers,
  payload: body,
});
const verify = (hash: string) => ({ ...post({ password: 'x', hash }), url: '/verify' });

test('GET / greets', async () => {
  const response = await testApp().inject('/');
  assert.equal(response.statusCode, 200);
  assert.deepEqual(response.json(), { message: 'Hello from multi-stage Node.js!' });
});

test('HEAD / has the headers of GET and no body', async () => {
  const response = await testApp().inject({ method: 'HEAD', url: '/' });
  assert.equal(response.statusCode, 200);
  assert.equal(response.headers['content-length'], '45');
  assert.equal(response.body, '');
});

test('a hash verifies its own password and no other', async () => {
  const app = testApp();
  const ask = (url: string, body: object) => app.inject({ method: 'POST', url, body });
  const { hash } = (await ask('/hash', { password: 'correct horse' })).json();
  assert.match(hash, /^\$2b\$04\$/);
  const right = await ask('/verify', { password: 'correct horse', hash });
  assert.deepEqual(right.json(), { valid: true });
  const wrong = await ask('/verify', { password: 'battery staple', hash });
  assert.deepEqual(wrong.json(), { valid: false });
});

const faults: [name: string, request: InjectOptions, status: number, detail: RegExp][] = [
  ['bad JSON', post('{"password":'), 400, /not valid JSON/],
  ['no body', post(''), 400, /cannot be empty/],
  ['text', post('password=x', { 'content-type': 'text/plain' }), 415, /Unsupported Media Type/],
  ['no media type', post('{"password":"x"}', {}), 415, /Unsupported Media Type/],
  ['too large a body', post({ password: 'x'.repeat(5000) }), 413, /too large/],
  ['no password', post({}), 400, /required property 'password'/],
  ['empty password', post({ password: '' }), 400, /fewer than 1 character/],
  ['password of another type', post({ password: 1 }), 400, /must be string/],
  ['unknown property', post({ password: 'x', cost: 4 }), 400, /additional properties/],
  ['73 bytes', post({ password: 'x'.repeat(73) }), 400, /73 bytes .* at most 72/],
  ['37 characters, 74 bytes', post({ password: '\u00e9'.repeat(37) }), 400, /74 bytes/],
  ['not a bcrypt hash', verify('secret'), 400, /not a bcrypt hash/],
  ['a hash to wait days for', verify(`$2b$31$${'a'.repeat(53)}`), 400, /cost 4 to 12/],
  ['a hash of bcrypt.js alone', verify(`$2y$10$${'a'.repeat(53)}`), 400, /bcrypt hash/],
  ['prototype poisoning', post('{"password":"x","__proto__":{}}'), 400, /not valid JSON/],
];

for (const [name, request, status, detail] of faults) {
  test(`${name}: ${status}`, async () => {
    const response = await testApp().inject(request);
    assert.equal(response.statusCode, status, response.body);
    assert.match(response.json().detail, detail);
  });
}

test('72 bytes are taken, counted in UTF-8', async () => {
  const response = await testApp().inject(post({ password: '\u00e9'.repeat(36) }));
  assert.equal(response.statusCode, 200);
});
