import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import sharp from 'sharp';
import { buildApp } from '../src/app.ts';
import { openDatabase } from '../src/users.ts';

const database = openDatabase(':memory:');
const app = buildApp(database);
after(() => app.close());

const ada = { name: 'ada', password: 'correct horse' };
const post = (url: string, payload: object) => app.inject({ method: 'POST', url, payload });

test('a user is added once', async () => {
  assert.equal((await post('/users', ada)).statusCode, 201);
  assert.equal((await post('/users', ada)).statusCode, 409);
  const { body } = await app.inject('/users');
  assert.deepEqual(JSON.parse(body), [{ name: 'ada', avatar: '/users/ada/avatar' }]);
});

test('the password is stored as an argon2id hash, and verified', async () => {
  const row = database.prepare<[], { hash: string }>('SELECT hash FROM users').get();
  assert.match(row?.hash ?? '', /^\$argon2id\$/);
  assert.equal((await post('/sessions', ada)).statusCode, 200);
  assert.equal((await post('/sessions', { ...ada, password: 'wrong horse' })).statusCode, 401);
  assert.equal((await post('/sessions', { ...ada, name: 'eve' })).statusCode, 401);
});

test('the avatar is a WebP picture', async () => {
  const { headers, rawPayload } = await app.inject('/users/ada/avatar');
  assert.equal(headers['content-type'], 'image/webp');
  const { format, width, height } = await sharp(rawPayload).metadata();
  assert.deepEqual({ format, width, height }, { format: 'webp', width: 128, height: 128 });
  assert.equal((await app.inject('/users/eve/avatar')).statusCode, 404);
});

test('what is not a name or a password is refused', async () => {
  for (const bad of [{}, { ...ada, name: 'Ada!' }, { ...ada, password: 'short' }]) {
    assert.equal((await post('/users', bad)).statusCode, 400);
  }
});
