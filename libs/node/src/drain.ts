import { Server as NetServer, type Socket } from 'node:net';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { BACKLOG } from './listen.ts';

/** In milliseconds. */
const defaults = {
  /** Idle connections stay open so long without a listener: a request may be on its way on one of them. */
  beat: 100,
  /** And so long at most those of clients that have connected and not asked yet. */
  settle: 1_000,
  /** Docker kills what has not ended after ten seconds. */
  cutOffAfter: 8_000,
};

/**
 * Prepares an application, which must not listen yet, for its end: from `stop` on, answers close their connections. The result
 * ends it: it serves for `delay` ms more, closes the listener, answers what is in flight, and resolves to whether all of that was
 * answered.
 */
export function drainer(
  app: FastifyInstance,
  stop: AbortSignal,
  times: Partial<typeof defaults> = {},
): (delay: number) => Promise<boolean> {
  const { beat, cutOffAfter, settle } = { ...defaults, ...times };
  const connections = countRequests(app, beat);

  app.addHook('onSend', (_request, reply, payload, done) => {
    if (stop.aborted) reply.header('connection', 'close');
    done(null, payload);
  });

  return async (delay) => {
    await sleep(delay);
    await acceptWaiting();

    // Not app.close() yet: it would cut idle connections at once, and with them requests not yet read.
    const ended = new Promise((resolve) => NetServer.prototype.close.call(app.server, resolve));
    const closed = performance.now();
    const isWithin = (time: number) => performance.now() - closed < time;
    const isSomeoneSilent = () => [...connections.values()].some(({ asked }) => asked === 0);
    while (connections.size > 0 && (isWithin(beat) || (isSomeoneSilent() && isWithin(settle)))) {
      await sleep(5);
    }
    await overdue(); // what has arrived meanwhile is read first
    for (const [socket, { asked, answered }] of connections) {
      if (asked === answered) socket.destroy();
    }

    let complete = true;
    const cutOff = setTimeout(() => {
      complete = false;
      app.server.closeAllConnections();
    }, cutOffAfter);
    await ended;
    clearTimeout(cutOff);
    await app.close();
    return complete;
  };
}

/**
 * Resolves when every client is accepted that has connected so far: closing the listener would reset those that the kernel
 * still keeps for it. They are accepted in the order in which they connected, at least one in each turn of the event loop.
 */
async function acceptWaiting(): Promise<void> {
  for (let turns = 0; turns <= BACKLOG; turns++) await turn();
}

/** A process that did not run for a while sees that time is up before it sees what has arrived meanwhile. */
const overdue = () => turn();

/** The open connections, each with how many requests it has brought, and how many of these are over. */
type Connections = ReadonlyMap<Socket, { asked: number; answered: number }>;

function countRequests({ server }: FastifyInstance, beat: number): Connections {
  const connections = new Map<Socket, { asked: number; answered: number }>();
  server.on('connection', (socket: Socket) => {
    connections.set(socket, { asked: 0, answered: 0 });
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    const count = connections.get(socket);
    if (count === undefined) return;
    count.asked++;
    response.once('close', () => {
      count.answered++;
      // Its head may have been sent before the drain, without `connection: close`: the client would keep it open.
      const closeIdle = () => count.asked === count.answered && socket.destroySoon();
      if (!server.listening) void sleep(beat).then(overdue).then(closeIdle);
    });
  });
  return connections;
}
