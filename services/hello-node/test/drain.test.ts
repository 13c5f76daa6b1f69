import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { buildApp } from '../src/app.ts';
import { drainer } from '../src/drain.ts';

async function listening(t: TestContext, times: Parameters<typeof drainer>[1] = {}) {
  const app = buildApp({ stop: new AbortController().signal });
  app.get('/slow', () => sleep(300, 'done'));
  app.get('/never', () => new Promise(() => {}));
  const drain = drainer(app, times);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => app.close());
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const ask = async (path: string) => {
    const request = get(url + path, { agent });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await once(response.resume(), 'end');
    return { status: response.statusCode, headers: response.headers, reused: request.reusedSocket };
  };
  return { app, drain, ask };
}

test('a request on an idle connection is answered though the listener is closed', async (t) => {
  const { app, drain, ask } = await listening(t, { beat: 3_000 });
  assert.equal((await ask('/')).headers.connection, 'keep-alive');
  const drained = drain(0);
  while (app.server.listening) await turn();
  const { status, headers, reused } = await ask('/');
  assert.deepEqual([status, headers.connection, reused], [200, 'close', true]);
  await assert.rejects(ask('/'), { code: 'ECONNREFUSED' });
  assert.equal(await drained, true);
});

test('what is in flight is answered, and its connection ends with it', async (t) => {
  const { app, drain, ask } = await listening(t);
  const slow = ask('/slow');
  await once(app.server, 'request');
  const drained = drain(0);
  const { status, headers } = await slow;
  assert.deepEqual([status, headers.connection], [200, 'close']);
  assert.equal(await drained, true);
});

test('what does not end is cut off, and that is told', async (t) => {
  const { app, drain, ask } = await listening(t, { cutOffAfter: 200 });
  const never = assert.rejects(ask('/never'), { code: 'ECONNRESET' });
  await once(app.server, 'request');
  assert.equal(await drain(0), false);
  await never;
});
