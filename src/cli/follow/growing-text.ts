/** Lines of several speakers, one of which may be written while it still grows. */
export class GrowingText {
  readonly #write: (text: string) => void;
  #open: { readonly by: string; readonly text: string } | null = null;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** Writes a line, or what is new of the one that this speaker began; `isWhole` ends it. */
  write(by: string, text: string, isWhole: boolean): void {
    const goesOn = this.#open?.by === by && text.startsWith(this.#open.text);
    if (!goesOn) this.end();
    this.#write(text.slice(this.#open?.text.length ?? 0));
    this.#open = { by, text };
    if (isWhole) this.end();
  }

  /** The next text begins a line. */
  end(): void {
    if (this.#open !== null) this.#write("\n");
    this.#open = null;
  }
}
