// Remembers what was computed from a text, for as long as the text means the same. Bounded by the number of entries
// and by the characters they are remembered by; the longest unused go first. One per process: nothing in it has to be
// told to another process, since the text itself is read anew each time.

type Remembered<T> = {
  readonly value: T;
  /** Epoch milliseconds; null: for ever. */ readonly until: number | null;
};

export class Memory<T> {
  readonly #entries = new Map<string, Remembered<T>>();
  readonly #maxEntries: number;
  readonly #maxCharacters: number;
  #characters = 0;

  constructor(maxEntries: number, maxCharacters: number) {
    this.#maxEntries = maxEntries;
    this.#maxCharacters = maxCharacters;
  }

  get(key: string, now: number): T | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#forget(key);
    if (entry.until !== null && entry.until <= now) return undefined;
    this.#keep(key, entry);
    return entry.value;
  }

  set(key: string, entry: Remembered<T>): void {
    this.#forget(key);
    if (key.length * 10 > this.#maxCharacters) return;
    this.#keep(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries && this.#characters <= this.#maxCharacters) break;
      this.#forget(oldest);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#characters = 0;
  }

  #keep(key: string, entry: Remembered<T>): void {
    this.#entries.set(key, entry);
    this.#characters += key.length;
  }

  #forget(key: string): void {
    if (this.#entries.delete(key)) this.#characters -= key.length;
  }
}
