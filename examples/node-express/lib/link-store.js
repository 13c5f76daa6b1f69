import { randomBytes } from 'node:crypto';

/** Links in memory, the oldest dropped when there are too many. */
export class LinkStore {
  #links = new Map();
  #capacity;

  constructor(capacity = 10_000) {
    this.#capacity = capacity;
  }

  add(url) {
    if (this.#links.size >= this.#capacity) this.#links.delete(this.#links.keys().next().value);
    const link = { id: randomBytes(6).toString('base64url'), url, visits: 0 };
    this.#links.set(link.id, link);
    return link;
  }

  all() {
    return [...this.#links.values()];
  }

  find(id) {
    return this.#links.get(id);
  }

  count(id) {
    this.#links.get(id).visits += 1;
  }

  remove(id) {
    return this.#links.delete(id);
  }
}
