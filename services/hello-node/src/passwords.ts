import { availableParallelism } from 'node:os';
import bcrypt from 'bcrypt';
import pLimit from 'p-limit';
import { Problem } from 'servicekit';

/** bcrypt reads no further: two passwords that differ only beyond would be the same. */
const MAX_BYTES = 72;

/** A hash brings its own cost: without a limit, one request could keep a core busy for days. */
const HASH = /^\$2[ab]\$(0[4-9]|1[0-2])\$[./A-Za-z0-9]{53}$/;

export interface PasswordOptions {
  /** Base-2 logarithm of bcrypt's rounds: one more doubles the time of a hash. */
  cost: number;
  /** Jobs at once. */
  running: number;
  /** Jobs that may wait; the next one is refused. */
  waiting: number;
}

export const defaults: PasswordOptions = {
  cost: 10,
  // One core stays free for the event loop, and one of libuv's four threads for look-ups of names and files.
  running: Math.min(Math.max(availableParallelism() - 1, 1), 3),
  // What waits is done within seconds, hence before a container that stops is killed.
  waiting: 32,
};

/** Hashes and verifies passwords on libuv's threads, a bounded number at a time. */
export class Passwords {
  readonly #cost: number;
  readonly #capacity: number;
  readonly #limit: ReturnType<typeof pLimit>;

  constructor(options: Partial<PasswordOptions> = {}) {
    const { cost, running, waiting } = { ...defaults, ...options };
    this.#cost = cost;
    this.#capacity = running + waiting;
    this.#limit = pLimit(running);
  }

  /** `wanted` is asked when the job's turn has come: nobody may be left to answer. */
  hash(password: string, wanted: () => boolean): Promise<string> {
    return this.#run(password, wanted, () => bcrypt.hash(password, this.#cost));
  }

  async verify(password: string, hash: string, wanted: () => boolean): Promise<boolean> {
    if (!HASH.test(hash)) throw new Problem(400, 'hash is not a bcrypt hash of cost 4 to 12');
    return this.#run(password, wanted, () => bcrypt.compare(password, hash));
  }

  async #run<T>(password: string, wanted: () => boolean, job: () => Promise<T>): Promise<T> {
    const bytes = Buffer.byteLength(password);
    if (bytes > MAX_BYTES) {
      throw new Problem(
        400,
        `password has ${bytes} bytes in UTF-8; bcrypt takes at most ${MAX_BYTES}`,
      );
    }
    if (this.#limit.activeCount + this.#limit.pendingCount >= this.#capacity) {
      throw new Problem(503, 'too many passwords are waiting; try again', { 'retry-after': '1' });
    }
    return this.#limit(() => {
      if (!wanted()) throw new Problem(499, 'the client went away');
      return job();
    });
  }
}
