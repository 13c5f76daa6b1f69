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

test('the service hashes, ends at SIGTERM with 0 and logs no password', async (t) => {
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

  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ password: 'hush hush' });
  const response = await fetch(`${url}/hash`, { method: 'POST', headers, body });
  assert.match((await response.json()).hash, /^\$2b\$10\$/);
  service.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
  assert.match(await log, /"path":"\/hash","status":200/);
  assert.doesNotMatch(await log, /hush/);
});
