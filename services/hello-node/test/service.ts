import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Service {
  port: number;
  url: string;
  process: ChildProcess;
  /** Resolves to the exit code, or to the name of the signal that ended the process. */
  ended: Promise<number | string>;
  log: () => string;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export function run(environment: Record<string, string>): Omit<Service, 'port' | 'url'> {
  const child = spawn(process.execPath, ['src/server.ts'], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  return { process: child, ended, log: () => output };
}

/** Starts the service as its own process, as a container would, and waits until it is ready. */
export async function start(t: TestContext, environment = {}): Promise<Service> {
  const port = await freePort();
  const service = {
    port,
    url: `http://127.0.0.1:${port}`,
    ...run({ PORT: `${port}`, ...environment }),
  };
  t.after(() => service.process.kill('SIGKILL'));
  for (let tries = 0; tries < 200; tries++) {
    const response = await fetch(`${service.url}/readyz`).catch(() => undefined);
    if (response?.ok) return service;
    if (service.process.exitCode !== null) break;
    await sleep(50);
  }
  throw new Error(`the service did not become ready:\n${service.log()}`);
}

/** Resolves when the service tells balancers to send no more. */
export async function draining({ url }: Service): Promise<void> {
  while ((await fetch(`${url}/readyz`)).status !== 503) await sleep(10);
}
