import { ADMIN_CHAIN_START, type AdminText, adminHash } from "./admin-chain.ts";
import { type Fault, fault } from "./fault.ts";
import { removalIn } from "./removal.ts";

/** An administrative event with its seal; `null`: it has none. */
export type KeptAdminEvent = { readonly event: AdminText; readonly seal: string | null };

/** What was published as a version, as its administrative events tell. */
export type PublishedVersion = { readonly definition: string; readonly source: string };

/** Follows the administrative events, oldest first, until something is wrong with their chain. */
export class AdministrationCheck {
  readonly #hashes = new Map<number, string>();
  readonly #removed = new Map<string, number>();
  readonly #purged = new Set<string>();
  readonly #published = new Map<string, PublishedVersion>();
  readonly #workflowsRemoved = new Set<string>();
  #hash: string | null = ADMIN_CHAIN_START;
  #position = 0;
  #unsealed: number | null = null;

  /** What is wrong with the next one; `null`: nothing, or the chain was broken before. */
  take({ event, seal }: KeptAdminEvent): Fault | null {
    const { position } = event;
    this.#learn(event);
    const expected = this.#position + 1;
    this.#position = position;
    if (this.#hash === null) return null;
    if (position !== expected) {
      this.#hash = null;
      return problem(expected, "is missing");
    }
    this.#hash = adminHash(this.#hash, event);
    if (seal === null) {
      this.#unsealed ??= position;
      return null;
    }
    if (this.#unsealed !== null) return this.#broken(this.#unsealed, "has no seal, although later ones have");
    if (seal !== this.#hash) return this.#broken(position, "was changed: it is not the one that was sealed");
    this.#hashes.set(position, seal);
    return null;
  }

  get count(): number {
    return this.#position;
  }

  /** The chain's value at an event; `null`: there is no such event; `undefined`: the chain is broken before it. */
  hashAt(position: number): string | null | undefined {
    return this.#hashes.get(position) ?? (this.#hash === null ? undefined : null);
  }

  /** True when a run that had so many events was removed with all of them. */
  isRemoved(runId: string, events: number): boolean {
    return (this.#removed.get(runId) ?? 0) >= events;
  }

  isPurged(runId: string): boolean {
    return this.#purged.has(runId);
  }

  /** What was published as a version of a workflow, `workflow:default/triage`; `null` when nothing tells. */
  published(subject: string, version: number): PublishedVersion | null {
    return this.#published.get(`${subject} ${version}`) ?? null;
  }

  isWorkflowRemoved(subject: string): boolean {
    return this.#workflowsRemoved.has(subject);
  }

  #broken(position: number, what: string): Fault {
    this.#hash = null;
    return problem(position, what);
  }

  #learn({ action, subject, data: text }: AdminText): void {
    const removal = removalIn(action, subject, text);
    for (const [runId, seq] of removal.removed) this.#removed.set(runId, seq);
    for (const runId of removal.back) this.#removed.delete(runId);
    for (const runId of removal.purged) this.#purged.add(runId);
    if (action === "workflow.removed") this.#workflowsRemoved.add(subject);
    if (action !== "workflow.published" && action !== "workflow.rolled-back") return;
    const { version, definition, source } = parsed(text);
    if (typeof version !== "number" || typeof definition !== "string" || typeof source !== "string") return;
    this.#published.set(`${subject} ${version}`, { definition, source });
    this.#workflowsRemoved.delete(subject);
  }
}

function problem(position: number, what: string): Fault {
  const message = `administrative event ${position} ${what}`;
  return fault("administration", String(position), message, { seq: position });
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // Changed into no JSON: the chain says so.
    return {};
  }
}
