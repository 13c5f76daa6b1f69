import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from 'servicekit';
import { defaults, Passwords } from '../src/passwords.ts';
import { testApp } from './app.ts';

const wanted = () => true;

test('what is over the limit is refused, what is under it is done', async () => {
  const passwords = new Passwords({ cost: 4, running: 1, waiting: 2 });
  const results = await Promise.allSettled(
    Array.from({ length: 5 }, () => passwords.hash('x', wanted)),
  );
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected'],
  );
  assert.match(await passwords.hash('x', wanted), /^\$2b\$04\$/, 'room again');
});

test('a refusal says when to come back', async () => {
  const app = testApp({ cost: 4, running: 1, waiting: 0 });
  const post = () => app.inject({ method: 'POST', url: '/hash', body: { password: 'x' } });
  await app.ready();
  const [done, refused] = await Promise.all([post(), post()]);
  assert.equal(done.statusCode, 200);
  assert.equal(refused.statusCode, 503);
  assert.equal(refused.headers['retry-after'], '1');
  assert.match(refused.json().detail, /try again/);
});

test('nothing is computed for a client that went away while it waited', async () => {
  const passwords = new Passwords({ cost: 4, running: 1, waiting: 1 });
  const first = passwords.hash('x', wanted);
  await assert.rejects(
    passwords.hash('x', () => false),
    (error) => error instanceof Problem && error.statusCode === 499,
  );
  await first;
});

test('a hash leaves the event loop free', async () => {
  const app = testApp({ cost: 12 });
  await app.ready();
  const order: string[] = [];
  const note = (name: string) => () => order.push(name);
  const hash = app.inject({ method: 'POST', url: '/hash', body: { password: 'x' } });
  await Promise.all([hash.then(note('hash')), app.inject('/healthz').then(note('health'))]);
  assert.deepEqual(order, ['health', 'hash']);
});

test('a thread of the pool and a core are left to others', () => {
  assert.ok(defaults.running >= 1 && defaults.running <= 3, `${defaults.running} at once`);
});
