import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { listen } from '../src/listen.ts';

/** An application whose system refuses to listen on IPv6. */
function refusing(code: string) {
  const asked: string[] = [];
  const app = {
    async listen({ host }: { host: string }) {
      asked.push(host);
      if (host === '::') throw Object.assign(new Error(code), { code });
    },
  };
  return { app: app as unknown as FastifyInstance, asked };
}

for (const code of ['EAFNOSUPPORT', 'EADDRNOTAVAIL']) {
  test(`${code}: there is no IPv6, so IPv4 alone`, async () => {
    const { app, asked } = refusing(code);
    await listen(app, 3000);
    assert.deepEqual(asked, ['::', '0.0.0.0']);
  });
}

test('another failure is one', async () => {
  const { app, asked } = refusing('EADDRINUSE');
  await assert.rejects(listen(app, 3000), { code: 'EADDRINUSE' });
  assert.deepEqual(asked, ['::']);
});
