import { randomUUID } from 'node:crypto';
import { Money } from '@examples/money';
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa from 'koa';

interface Bill {
  id: string;
  total: Money;
  shares: Record<string, Money>;
}

/** Bills that guests split: the last cents are spread over the first guests. */
export function createApp(): Koa {
  const bills = new Map<string, Bill>();
  const router = new Router();

  router.get('/healthz', (ctx) => {
    ctx.body = { status: 'ok' };
  });
  router.get('/readyz', (ctx) => {
    ctx.body = { status: 'ok' };
  });

  router.get('/bills', (ctx) => {
    ctx.body = [...bills.values()];
  });

  router.post('/bills', (ctx) => {
    const { amount, currency, tip, guests } = parse(ctx);
    const net = money(ctx, amount, currency);
    const total = tip === undefined ? net : net.plus(money(ctx, tip, currency));
    const parts = total.split(guests.length);
    const shares = Object.fromEntries(guests.map((guest, i) => [guest, parts[i] as Money]));
    const bill = { id: randomUUID(), total, shares };
    bills.set(bill.id, bill);
    ctx.status = 201;
    ctx.set('location', `/bills/${bill.id}`);
    ctx.body = bill;
  });

  router.get('/bills/:id', (ctx) => {
    ctx.body = bills.get(ctx.params.id ?? '') ?? ctx.throw(404, 'no such bill');
  });

  const app = new Koa();
  app.use(async (ctx, next) => {
    try {
      await next();
      if (ctx.status === 404 && ctx.body === undefined) ctx.throw(404, `nothing at ${ctx.path}`);
    } catch (error) {
      const { status = 500, message } = error as { status?: number; message: string };
      if (status >= 500) throw error;
      ctx.status = status;
      ctx.body = { error: message };
    }
  });
  app.use(bodyParser({ enableTypes: ['json'], jsonLimit: '16kb' }));
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
}

interface Request {
  amount: string;
  currency: string;
  tip: string | undefined;
  guests: string[];
}

function parse(ctx: Koa.Context): Request {
  const { amount, currency, tip, guests } = (ctx.request.body ?? {}) as Partial<Request>;
  const valid =
    typeof amount === 'string' &&
    typeof currency === 'string' &&
    (tip === undefined || typeof tip === 'string') &&
    Array.isArray(guests) &&
    guests.length > 0 &&
    guests.length <= 100 &&
    guests.every((guest) => typeof guest === 'string' && guest !== '') &&
    new Set(guests).size === guests.length;
  if (!valid) ctx.throw(422, 'expected {amount, currency, tip, guests: [names]}');
  return { amount, currency, tip, guests };
}

function money(ctx: Koa.Context, amount: string, currency: string): Money {
  try {
    return Money.of(amount, currency);
  } catch (error) {
    return ctx.throw(422, (error as RangeError).message);
  }
}
