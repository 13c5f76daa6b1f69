import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { newApp } from '../src/app.ts';
import { drainer } from '../src/drain.ts';

async function listening(t: TestContext, times: Parameters<typeof drainer>[2] = {}) {
  const stop = new AbortController();
  const app = newApp('test', { stop: stop.signal, logger: false });
  app.get('/', async () => 'hello');
  app.get('/slow', () => sleep(300, 'done'));
  app.get('/never', () => new Promise(() => {}));
  const stream = new PassThrough();
  app.get('/stream', (_request, reply) => reply.send(stream));
  const ended = drainer(app, stop.signal, times);
  const drain = () => {
    stop.abort();
    return ended(0);
  };
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
  return { app, drain, ask, stream };
}

test('a request on an idle connection is answered though the listener is closed', async (t) => {
  const { app, drain, ask } = await listening(t, { beat: 60_000 });
  assert.equal((await ask('/')).headers.connection, 'keep-alive');
  const drained = drain();
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
  const drained = drain();
  const { status, headers } = await slow;
  assert.deepEqual([status, headers.connection], [200, 'close']);
  assert.equal(await drained, true);
});

test('what does not end is cut off, and that is reported', async (t) => {
  const { app, drain, ask } = await listening(t, { cutOffAfter: 200 });
  const never = assert.rejects(ask('/never'), { code: 'ECONNRESET' });
  await once(app.server, 'request');
  assert.equal(await drain(), false);
  await never;
});

test('a stream that ends while draining ends its connection', async (t) => {
  const { app, drain, stream } = await listening(t, { cutOffAfter: 60_000 });
  const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  let answer = '';
  client.setEncoding('utf8').on('data', (data) => {
    answer += data;
  });
  stream.write('one');
  client.write('GET /stream HTTP/1.1\r\nHost: test\r\n\r\n');
  while (!answer.includes('one')) await turn();
  const drained = drain();
  while (app.server.listening) await turn();
  setTimeout(() => stream.end('two'), 300); // after idle connections were closed
  await once(client, 'close');
  assert.match(answer, /two\r\n0\r\n\r\n$/);
  assert.equal(await drained, true);
});

test('a client that has connected is answered though it asks after the listener is closed', async (t) => {
  const { app, drain } = await listening(t, { settle: 60_000 });
  const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  await once(app.server, 'connection');
  const drained = drain();
  while (app.server.listening) await turn();
  setTimeout(() => client.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n'), 300); // after idle connections were closed
  assert.match(await text(client), /^HTTP\/1\.1 200 /);
  assert.equal(await drained, true);
});

/** Connects many clients while this thread is held up, and counts their answers. */
const crowd = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { connect } = require('node:net');
  let sent = 0, ended = 0, answered = 0;
  for (let i = 0; i < workerData.clients; i++) {
    let text = '';
    const client = connect(workerData.port, '127.0.0.1', () =>
      client.write('GET / HTTP/1.1\\r\\nHost: test\\r\\n\\r\\n', () => {
        if (++sent < workerData.clients) return;
        Atomics.store(workerData.all, 0, 1);
        Atomics.notify(workerData.all, 0);
      }));
    client.on('data', (data) => (text += data));
    client.on('error', () => {});
    client.on('close', () => {
      if (text.startsWith('HTTP/1.1 200')) answered++;
      if (++ended === workerData.clients) parentPort.postMessage(answered);
    });
  }
`;

test('clients that the kernel has accepted are answered when SIGTERM is the first thing that is seen', async (t) => {
  const { app, drain } = await listening(t);
  const { port } = app.server.address() as AddressInfo;
  const all = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(crowd, { eval: true, workerData: { port, clients: 100, all } });
  const answered = once(worker, 'message');
  let accepted = 0;
  app.server.on('connection', () => accepted++);
  Atomics.wait(all, 0, 0); // the listener accepts nothing meanwhile
  const drained = drain();
  assert.deepEqual(await answered, [100]);
  assert.equal(await drained, true);
  // None is the drain's own, to be recognized by its port: a client at another address may have the same.
  assert.equal(accepted, 100);
});

/** Reads a whole answer, asks again on the same connection, and reports all that it has read when that is closed. */
const faithful = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { connect } = require('node:net');
  let text = '';
  const client = connect(workerData.port, '127.0.0.1');
  client.write('GET /stream HTTP/1.1\\r\\nHost: test\\r\\n\\r\\n');
  client.on('data', (data) => {
    text += data;
    if (!text.endsWith('\\r\\n0\\r\\n\\r\\n')) return;
    client.write('GET / HTTP/1.1\\r\\nHost: test\\r\\n\\r\\n', () => {
      Atomics.store(workerData.sent, 0, 1);
      Atomics.notify(workerData.sent, 0);
    });
  });
  client.on('error', () => {});
  client.on('close', () => parentPort.postMessage(text));
`;

test('a request that has arrived is read before its idle connection is closed', async (t) => {
  const beat = 10;
  const { app, drain, stream } = await listening(t, { beat });
  const { port } = app.server.address() as AddressInfo;
  const sent = new Int32Array(new SharedArrayBuffer(4));
  stream.write('one'); // in a head without `connection: close`
  const worker = new Worker(faithful, { eval: true, workerData: { port, sent } });
  const answers = once(worker, 'message');
  const [, response] = await once(app.server, 'request');
  const drained = drain();
  while (app.server.listening) await turn();
  response.once('close', () => {
    Atomics.wait(sent, 0, 0); // nothing is read meanwhile
    Atomics.wait(sent, 0, 1, 2 * beat);
  });
  stream.end('two');
  assert.match((await answers)[0], /two\r\n0\r\n\r\nHTTP\/1\.1 200 .*hello$/s);
  assert.equal(await drained, true);
});
