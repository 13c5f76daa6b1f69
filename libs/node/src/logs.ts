import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { destination, type LogFn, type Logger, stdTimeFunctions } from 'pino';
import { Answer } from './answer.ts';
import { trace } from './identity.ts';

/** pino's number for it. */
const WARN = 40;

/** Where lines go: written in batches, flushed at once on demand. */
export interface Lines {
  write(line: string): void;
  flush(): void;
}

/** Standard output: a line waits for others for 100 ms at most, and is written when the process ends. */
export const standardOutput: Lines = destination({
  dest: 1,
  minLength: 16_000,
  periodicFlush: 100,
  sync: true,
});
process.once('exit', () => standardOutput.flush());

/** The options of a logger with the keys of the contract. */
export function logOptions(service: string, level: string, stream: Lines) {
  return {
    level,
    stream,
    base: { service },
    messageKey: 'message',
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label === 'fatal' ? 'error' : label }) },
    serializers: {
      req: ({ method, url }: FastifyRequest) => ({ method, path: pathOf(url) }),
    },
    hooks: {
      logMethod(this: Logger, args: Parameters<LogFn>, log: LogFn, severity: number) {
        log.apply(this, args);
        if (severity >= WARN) stream.flush();
      },
    },
  };
}

/** A URL's path as the client sent it, without the query string, which may hold secrets. */
export function pathOf(url: string): string {
  return url.replace(/[?#].*/s, '');
}

/** Sends a request's ID back, and logs a line when it is over, also if its client went away. */
export class RequestLog extends LogController {
  readonly #quiet: readonly string[];

  /** Requests to the paths `quiet` are logged at level debug. */
  constructor(quiet: readonly string[]) {
    super({ requestIdLogLabel: 'request_id' });
    this.#quiet = quiet;
  }

  override incomingRequest(request: FastifyRequest, reply: FastifyReply): void {
    const start = performance.now();
    const { headers, id, method, url } = request;
    if (headers.traceparent) reply.log = request.log = request.log.child(trace(headers));
    const { log, raw } = reply.header('x-request-id', id);
    raw.once('close', () => {
      const path = pathOf(url);
      const line = {
        method,
        path,
        status: raw.headersSent ? raw.statusCode : 0,
        bytes: raw instanceof Answer ? raw.bytes : 0,
        duration_ms: Math.round((performance.now() - start) * 1_000) / 1_000,
      };
      log[this.#quiet.includes(path) ? 'debug' : 'info'](line, 'request');
    });
  }

  override requestCompleted(): void {}
}
