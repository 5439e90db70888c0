/** What the command line needs of a process: two outputs, an input, the environment. */
export type Terminal = {
  /** Data. */
  readonly stdout: Output;
  /** Everything for people. */
  readonly stderr: Output;
  readonly stdin: Input;
  readonly env: Readonly<Record<string, string | undefined>>;
};

export type Output = {
  write(text: string): void;
  readonly isTty: boolean;
  /** Cells a line has and lines a screen has, as of now. */
  columns(): number;
  rows(): number;
};

export type Input = {
  readonly isTty: boolean;
  /** Everything that is piped in. Rejects when `signal` aborts. */
  readAll(signal: AbortSignal): Promise<Uint8Array>;
  /** Asks a person on a terminal for one line. */
  ask(question: string, signal: AbortSignal): Promise<string>;
  /** Calls back with each key pressed on a terminal, until the returned function is called. */
  onKey(listener: (key: string) => void): () => void;
};
