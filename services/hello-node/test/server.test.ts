import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

test('hashes in flight at SIGTERM are answered, and no password is logged', async (t) => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const service = spawn(process.execPath, ['src/server.ts'], {
    env: { PATH: process.env.PATH, PORT: `${port}`, LOG_LEVEL: 'debug' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => service.kill('SIGKILL'));
  const log = text(service.stdout);
  const ended = once(service, 'exit');
  while (!(await fetch(`${url}/readyz`).catch(() => undefined))?.ok) {
    assert.equal(service.exitCode, null, 'the service did not become ready');
    await sleep(20);
  }

  const hash = async () => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ password: 'hush hush' });
    return (await fetch(`${url}/hash`, { method: 'POST', headers, body })).json();
  };
  const answers = Array.from({ length: 20 }, hash);
  await Promise.race(answers);
  service.kill('SIGTERM');
  for (const answer of await Promise.all(answers)) assert.match(answer.hash, /^\$2b\$10\$/);
  assert.deepEqual(await ended, [0, null]);
  assert.match(await log, /"path":"\/hash","status":200/);
  assert.doesNotMatch(await log, /hush/);
});
