import { type IncomingMessage, ServerResponse } from 'node:http';

/** Counts the bytes of an answer's body. */
export class Answer<R extends IncomingMessage = IncomingMessage> extends ServerResponse<R> {
  bytes = 0;

  override write(...args: unknown[]): boolean {
    this.#count(args);
    return super.write(...(args as [unknown, BufferEncoding]));
  }

  override end(...args: unknown[]): this {
    this.#count(args);
    return super.end(...(args as [unknown, BufferEncoding]));
  }

  #count([chunk, encoding]: unknown[]): void {
    if (typeof chunk === 'string')
      this.bytes += Buffer.byteLength(chunk, encoding as BufferEncoding);
    else if (chunk instanceof Uint8Array) this.bytes += chunk.byteLength;
  }
}
