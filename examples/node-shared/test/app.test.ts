import assert from 'node:assert/strict';
import { test } from 'node:test';
import { app } from '../src/app.ts';

const quote = (order: unknown) =>
  app.request('/quotes', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof order === 'string' ? order : JSON.stringify(order),
  });

const eur = (amount: string) => ({ amount, currency: 'EUR' });

test('a quote adds up', async () => {
  const items = [
    { price: '0.10', quantity: 3 },
    { price: '9.99', quantity: 1 },
  ];
  const response = await quote({ currency: 'EUR', items, instalments: 2 });
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), {
    net: eur('10.29'),
    tax: eur('1.96'),
    total: eur('12.25'),
    instalments: [eur('6.13'), eur('6.12')],
  });
});

for (const order of [
  '{',
  {},
  { currency: 'EUR', items: [] },
  { currency: 'EUR', items: [{ price: '1.005', quantity: 1 }] },
  { currency: 'EUR', items: [{ price: '1', quantity: 0.5 }] },
  { currency: 'euro', items: [{ price: '1', quantity: 1 }] },
]) {
  test(`no quote for ${JSON.stringify(order)}`, async () => {
    assert.equal((await quote(order)).status, 422);
  });
}

test('health, and nothing elsewhere', async () => {
  assert.equal((await app.request('/healthz')).status, 200);
  assert.equal((await app.request('/readyz')).status, 200);
  assert.equal((await app.request('/no/such/path')).status, 404);
});
