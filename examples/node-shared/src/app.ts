import { Money } from '@examples/money';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';

interface Item {
  price: string;
  quantity: number;
}

interface Order {
  currency: string;
  items: Item[];
  instalments?: number;
}

const taxRates: Record<string, string> = { EUR: '0.19', CHF: '0.081', JPY: '0.1' };

/** Quotes: what an order costs, with tax, in instalments. */
export const app = new Hono();

app.get('/healthz', (c) => c.json({ status: 'ok' }));
app.get('/readyz', (c) => c.json({ status: 'ok' }));
app.get('/taxes', (c) => c.json(taxRates));

app.post('/quotes', bodyLimit({ maxSize: 64 * 1024 }), async (c) => {
  const order = parseOrder(await c.req.json().catch(() => undefined));
  try {
    const net = order.items
      .map(({ price, quantity }) => Money.of(price, order.currency).times(String(quantity)))
      .reduce((sum, price) => sum.plus(price));
    const tax = net.times(taxRates[order.currency] ?? '0');
    const total = net.plus(tax);
    return c.json({ net, tax, total, instalments: total.split(order.instalments ?? 1) });
  } catch (error) {
    if (error instanceof RangeError) throw new HTTPException(422, { message: error.message });
    throw error;
  }
});

app.notFound((c) => c.json({ error: `nothing at ${c.req.path}` }, 404));
app.onError((error, c) => {
  if (error instanceof HTTPException) return c.json({ error: error.message }, error.status);
  console.error(error);
  return c.json({ error: 'internal server error' }, 500);
});

function parseOrder(body: unknown): Order {
  const { currency, items, instalments = 1 } = (body ?? {}) as Partial<Order>;
  const valid =
    typeof currency === 'string' &&
    Array.isArray(items) &&
    items.length > 0 &&
    items.every((i) => typeof i?.price === 'string' && isCount(i.quantity, 10_000)) &&
    isCount(instalments, 48);
  if (!valid) {
    throw new HTTPException(422, {
      message: 'expected {currency, items: [{price, quantity}], instalments}',
    });
  }
  return { currency, items, instalments };
}

function isCount(value: unknown, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most;
}
