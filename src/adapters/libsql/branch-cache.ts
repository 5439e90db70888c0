import type { BranchPath, RunId } from "../../core/run/ids.ts";
import type { Branch } from "../../core/run/run.ts";

type Entry = { readonly branch: Branch; readonly bytes: number };

/**
 * Branches folded from their steps, so that the ten thousand children of a foreach do not read their parent's
 * steps again and again. An entry is only ever a starting point: whoever uses it compares versions.
 */
export class BranchCache {
  readonly #entries = new Map<string, Entry>();
  readonly #mostEntries: number;
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(mostEntries = 5_000, mostBytes = 64 * 1024 * 1024) {
    this.#mostEntries = mostEntries;
    this.#mostBytes = mostBytes;
  }

  get(runId: RunId, path: BranchPath): Branch | undefined {
    const key = keyOf(runId, path);
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.branch;
  }

  /** `added`: about how many bytes the branch's context has grown by since it was put here last. */
  put(runId: RunId, branch: Branch, added: number): void {
    const key = keyOf(runId, branch.path);
    const before = this.#entries.get(key)?.bytes ?? 0;
    this.#remove(key);
    if (branch.position.at === "closed") return;
    const bytes = Math.max(before, 512) + added;
    if (bytes > this.#mostBytes / 4) return;
    this.#entries.set(key, { branch, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#mostEntries && this.#bytes <= this.#mostBytes) break;
      this.#remove(oldest);
    }
  }

  forget(runId: RunId, path: BranchPath): void {
    this.#remove(keyOf(runId, path));
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}

function keyOf(runId: RunId, path: BranchPath): string {
  return `${runId}/${path}`;
}
