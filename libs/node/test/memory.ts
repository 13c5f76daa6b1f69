import type { Lines } from '../src/logs.ts';

export type Line = Record<string, unknown>;

/** A log that a test reads. */
export class Memory implements Lines {
  readonly lines: Line[] = [];
  /** How many lines there were when they were last flushed. */
  flushed = 0;

  write(line: string): void {
    this.lines.push(JSON.parse(line));
  }

  flush(): void {
    this.flushed = this.lines.length;
  }

  /** The lines of requests. */
  get requests(): Line[] {
    return this.lines.filter(({ message }) => message === 'request');
  }
}
