/** A map that forgets what was not used for longest. */
export class Lru<V> {
  readonly #entries = new Map<string, V>();
  readonly #size: number;
  readonly #forget: (value: V) => void;

  constructor(size: number, forget: (value: V) => void = () => {}) {
    this.#size = size;
    this.#forget = forget;
  }

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#size) return;
    const [oldest] = this.#entries;
    if (oldest === undefined) return;
    this.#entries.delete(oldest[0]);
    this.#forget(oldest[1]);
  }
}
