import { checkpointHash, type KeptCheckpoint, readCheckpoint } from "./checkpoint.ts";
import { type Fault, fault } from "./fault.ts";
import { type RunHead, rootOf } from "./merkle.ts";
import { signatureProblem } from "./signature.ts";

/** What is known from outside the database. */
export type Trust = {
  /** Fingerprints of the keys that may have signed; without any, any signature that holds is fine, and none as well. */
  readonly keys: ReadonlySet<string>;
  /** Hashes of checkpoints by number, as an anchor noted them. */
  readonly anchored: ReadonlyMap<number, string>;
};

/** What checkpoints came to. */
export type CheckedCheckpoints = {
  readonly count: number;
  /** How many bear a signature that holds, by the key's fingerprint. */
  readonly signed: ReadonlyMap<string, number>;
};

/** The chain of administrative events at a position; `null`: no such event; `undefined`: it is broken before. */
export type AdminHashAt = (position: number) => string | null | undefined;

/** Follows the checkpoints, oldest first. */
export class CheckpointCheck {
  readonly #trust: Trust;
  readonly #adminHashAt: AdminHashAt;
  #count = 0;
  /** The hash of the one before; `undefined` when that is missing. */
  #previous: string | null | undefined = null;
  /** The first one since the last that a trusted key signed. */
  #unproven: number | null = null;
  readonly #signed = new Map<string, number>();

  constructor(trust: Trust, adminHashAt: AdminHashAt) {
    this.#trust = trust;
    this.#adminHashAt = adminHashAt;
  }

  /** What is wrong with the next one; `heads` are those that are kept for it, by run id. */
  take(kept: KeptCheckpoint, heads: readonly RunHead[]): readonly Fault[] {
    const { number, body } = kept;
    const faults: Fault[] = [];
    if (number !== this.#count + 1) {
      const [from, to] = [this.#count + 1, number - 1];
      const which = from === to ? `checkpoint ${from} is` : `checkpoints ${from} to ${to} are`;
      faults.push(fault("checkpoint", String(from), `${which} missing`));
      this.#previous = undefined;
    }
    const hash = checkpointHash(body);
    const anchored = this.#trust.anchored.get(number);
    if (anchored !== undefined && anchored !== hash)
      faults.push(fault("anchor", String(number), `checkpoint ${number} is not the one that was anchored`));
    const problem = this.#signatureOf(kept) ?? this.#contentOf(kept, heads);
    if (problem !== null) faults.push(fault("checkpoint", String(number), `checkpoint ${number} ${problem}`));
    const rewritten = this.#administrationOf(kept);
    if (rewritten !== null) faults.push(rewritten);
    this.#count = number;
    this.#previous = hash;
    return faults;
  }

  /** What is wrong with where they end. */
  end(): CheckedCheckpoints & { readonly faults: readonly Fault[] } {
    const { keys, anchored } = this.#trust;
    const faults: Fault[] = [];
    if (keys.size > 0 && this.#unproven !== null)
      faults.push(
        fault(
          "checkpoint",
          String(this.#unproven),
          `checkpoint ${this.#unproven} and those after it are not signed by a key that is trusted here`,
        ),
      );
    const furthest = [...anchored.keys()].reduce((most, number) => Math.max(most, number), 0);
    if (furthest > this.#count)
      faults.push(
        fault(
          "anchor",
          String(this.#count + 1),
          `the anchor knows checkpoint ${furthest}, and the database ends at ${this.#count}: it was cut back`,
        ),
      );
    return { faults, count: this.#count, signed: this.#signed };
  }

  /** A trusted signature vouches for all checkpoints before it, because each names the one before. */
  #signatureOf({ number, body, signature }: KeptCheckpoint): string | null {
    const problem = signature && signatureProblem(body, signature);
    if (signature !== null && problem === null) {
      this.#signed.set(signature.keyId, (this.#signed.get(signature.keyId) ?? 0) + 1);
      if (this.#trust.keys.has(signature.keyId)) this.#unproven = null;
      else this.#unproven ??= number;
    } else this.#unproven ??= number;
    return problem;
  }

  #contentOf({ number, body }: KeptCheckpoint, heads: readonly RunHead[]): string | null {
    const checkpoint = readCheckpoint(body);
    if (typeof checkpoint === "string") return `cannot be read: ${checkpoint}`;
    const { previous, runs, root } = checkpoint;
    if (checkpoint.number !== number) return `says that it is ${checkpoint.number}`;
    if (this.#previous !== undefined && previous !== this.#previous)
      return `does not follow ${number - 1}: one of the two was changed`;
    if (runs !== heads.length) return `is over ${runs} runs, and ${heads.length} are kept for it`;
    return root === rootOf(heads) ? null : "is over other heads than those that are kept for it";
  }

  #administrationOf({ number, body }: KeptCheckpoint): Fault | null {
    const checkpoint = readCheckpoint(body);
    if (typeof checkpoint === "string" || checkpoint.admin.position === 0) return null;
    const { position, hash } = checkpoint.admin;
    const found = this.#adminHashAt(position);
    if (found === hash || found === undefined) return null;
    const what = found === null ? "is missing" : "or one before it was rewritten with its seal";
    const message = `administrative event ${position} ${what}: checkpoint ${number} counts it`;
    return fault("administration", String(position), message, { seq: position });
  }
}
