import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { createApp } from '../src/app.ts';

let server: Server;
let url: string;

before(async () => {
  server = createApp().listen(0);
  await once(server, 'listening');
  url = `http://localhost:${(server.address() as AddressInfo).port}`;
});
after(() => server.close());

const post = (body: unknown) =>
  fetch(`${url}/bills`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const usd = (amount: string) => ({ amount, currency: 'USD' });

test('a bill is split to the cent', async () => {
  const response = await post({
    amount: '99.00',
    tip: '1.00',
    currency: 'USD',
    guests: ['Ada', 'Bob', 'Eve'],
  });
  assert.equal(response.status, 201);
  const bill = (await response.json()) as { id: string };
  assert.deepEqual(bill, {
    id: bill.id,
    total: usd('100.00'),
    shares: { Ada: usd('33.34'), Bob: usd('33.33'), Eve: usd('33.33') },
  });
  assert.equal(response.headers.get('location'), `/bills/${bill.id}`);
  assert.deepEqual(await (await fetch(`${url}/bills/${bill.id}`)).json(), bill);
  assert.deepEqual(await (await fetch(`${url}/bills`)).json(), [bill]);
});

for (const body of [
  {},
  { amount: '1', currency: 'USD', guests: [] },
  { amount: '1', currency: 'USD', guests: ['Ada', 'Ada'] },
  { amount: '0.001', currency: 'USD', guests: ['Ada'] },
]) {
  test(`no bill of ${JSON.stringify(body)}`, async () => {
    assert.equal((await post(body)).status, 422);
  });
}

test('no bill of what is not JSON', async () => {
  assert.equal((await post('{')).status, 400);
});

test('404 and 405', async () => {
  assert.equal((await fetch(`${url}/bills/none`)).status, 404);
  assert.equal((await fetch(`${url}/no/such/path`)).status, 404);
  const response = await fetch(`${url}/bills`, { method: 'DELETE' });
  assert.equal(response.status, 405);
  assert.match(response.headers.get('allow') ?? '', /GET/);
});
