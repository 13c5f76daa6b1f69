import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Line } from './memory.ts';

export interface Run {
  process: ChildProcess;
  /** Resolves to the exit code, or to the name of the signal that ended the process. */
  ended: Promise<number | string>;
  stdout: () => string;
  stderr: () => string;
  lines: () => Line[];
}

export interface Service extends Run {
  port: number;
  url: string;
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

/** Runs Node.js with a clean environment. */
export function run(args: string[], environment: Record<string, string>): Run {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (data) => {
      output[name] += data;
    });
  }
  return {
    process: child,
    ended: once(child, 'close').then(([code, signal]) => code ?? signal),
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    lines: () =>
      output.stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
  };
}

/** Starts a service as its own process, as a container would, and waits until it is ready. */
export async function start(t: TestContext, args: string[], environment = {}): Promise<Service> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const service = { port, url, ...run(args, { PORT: `${port}`, ...environment }) };
  t.after(() => service.process.kill('SIGKILL'));
  while (service.process.exitCode === null) {
    const response = await fetch(`${url}/readyz`).catch(() => undefined);
    if (response?.ok) return service;
    await sleep(20);
  }
  throw new Error(`the service did not become ready:\n${service.stdout()}${service.stderr()}`);
}

/** Resolves when a service shows balancers to send no more. */
export async function draining({ url }: Service): Promise<void> {
  while ((await fetch(`${url}/readyz`)).status !== 503) await sleep(10);
}
