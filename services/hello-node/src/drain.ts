import { Server as NetServer, type Socket } from 'node:net';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/** In ms. Idle connections stay open so long without a listener: a request may be on its way on one of them. */
const BEAT = 100;

/** Docker kills what has not ended after ten seconds. */
const CUT_OFF_AFTER = 8_000;

/**
 * Prepares an application, which must not listen yet, for its end. The result stops it: it serves for `delay` ms more,
 * closes the listener, answers what is in flight, and resolves to whether all of that was answered.
 */
export function drainer(app: FastifyInstance): (delay: number) => Promise<boolean> {
  const connections = countRequests(app);
  let closing = false;

  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close');
  });

  return async (delay) => {
    await sleep(delay);

    // Not app.close() yet: it would cut idle connections at once, and with them requests not yet read.
    closing = true;
    await quietMoment(app);
    const ended = new Promise((resolve) => NetServer.prototype.close.call(app.server, resolve));
    await sleep(BEAT);
    for (const [socket, requests] of connections) if (requests === 0) socket.destroy();

    let complete = true;
    const cutOff = setTimeout(() => {
      complete = false;
      app.server.closeAllConnections();
    }, CUT_OFF_AFTER);
    await ended;
    clearTimeout(cutOff);
    await app.close();
    return complete;
  };
}

/** The open connections, each with the number of its requests that have no complete answer yet. */
function countRequests({ server }: FastifyInstance): ReadonlyMap<Socket, number> {
  const connections = new Map<Socket, number>();
  const add = (socket: Socket, n: number) => {
    const requests = connections.get(socket);
    if (requests !== undefined) connections.set(socket, requests + n);
  };
  server.on('connection', (socket: Socket) => {
    connections.set(socket, 0);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    add(socket, 1);
    response.once('close', () => add(socket, -1));
  });
  return connections;
}

/** Waits, for a beat at most, for a turn of the event loop in which no client connects: the kernel resets those that wait. */
async function quietMoment({ server }: FastifyInstance): Promise<void> {
  let accepted = 0;
  server.on('connection', () => accepted++);
  for (const end = performance.now() + BEAT; performance.now() < end; ) {
    const [before, began] = [accepted, performance.now()];
    await turn();
    if (accepted === before && performance.now() - began < 0.1) return;
  }
}
