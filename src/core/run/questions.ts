import type { Misfit } from "../agent/misfits.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { BranchPath, RunId } from "./ids.ts";
import type { CalledBy, Lifecycle, Outcome, StepError } from "./run.ts";
import type { Slot } from "./slot.ts";

/** A piece of Starlark: a condition or template (`expression`), or the body of a `transform`. */
export type Program = { readonly mode: "expression" | "transform"; readonly text: string };

/**
 * What an expression sees. `layers` are searched for a bare name in order, innermost first; `ctx` is an ordinary
 * name in one of them. `stateResults` are the paths whose `.result` and `.output` fall back to the value itself.
 */
export type Scope = { readonly layers: readonly JsonObject[]; readonly stateResults: readonly string[] };

export type EvaluationErrorKind =
  | "syntax"
  | "name"
  | "eval"
  | "steps"
  | "memory"
  | "timeout"
  | "result"
  | "internal";

export type EvaluationError = {
  readonly kind: EvaluationErrorKind;
  readonly message: string;
  /** Counted in characters from 1 within the expression; 0 when unknown. */
  readonly line: number;
  readonly column: number;
};

export type Evaluation =
  | { readonly ok: true; readonly value: JsonValue; readonly truth: boolean; readonly steps: number }
  | { readonly ok: false; readonly error: EvaluationError };

/** Something a decision must know and cannot compute: `decide` stops, the engine finds out and decides again. */
export type Question =
  | {
      readonly ask: "evaluate";
      readonly key: string;
      readonly programs: readonly Program[];
      readonly scope: Scope;
      /** Stop after the first truthy value: the arms of a switch. */
      readonly until?: "first-true";
    }
  /** Where a value breaks a JSON Schema. */
  | { readonly ask: "check"; readonly key: string; readonly schema: JsonObject; readonly value: JsonValue }
  /** The outcomes of all child branches of the container state that `branch` stands on. */
  | { readonly ask: "children"; readonly key: string; readonly branch: BranchPath; readonly segment: string }
  /** Whoever is ahead of the run for a slot: holders first, the oldest of each first, and `most` of those that wait. */
  | { readonly ask: "slot"; readonly key: string; readonly slot: Slot; readonly most: number }
  /** How a called run goes; one that is not there yet is started. Only once the call itself is kept. */
  | { readonly ask: "call"; readonly key: string; readonly call: RunCall }
  /** Whether the step that called `runId` still waits for it. */
  | { readonly ask: "caller"; readonly key: string; readonly calledBy: CalledBy; readonly runId: RunId };

/** A run of another workflow, as an attempt of a step asks for it. */
export type RunCall = {
  readonly runId: RunId;
  readonly workflow: string;
  readonly version: number | null;
  readonly input: JsonObject;
  readonly calledBy: CalledBy;
  /** When the step stops waiting for it: from then on it need not be started. */
  readonly until: number | null;
};

/** Where a called run stands. */
export type CallStanding =
  | { readonly status: "open" }
  | { readonly status: "over"; readonly lifecycle: Extract<Lifecycle, { readonly at: number }> }
  /** It cannot be started. */
  | { readonly status: "refused"; readonly error: StepError };

export type Answer =
  | { readonly ask: "evaluate"; readonly evaluations: readonly Evaluation[] }
  | { readonly ask: "check"; readonly misfits: readonly Misfit[] }
  | { readonly ask: "children"; readonly outcomes: ReadonlyMap<string, Outcome> }
  | { readonly ask: "slot"; readonly ahead: readonly RunId[] }
  | { readonly ask: "call"; readonly standing: CallStanding }
  | { readonly ask: "caller"; readonly waits: boolean };

export type Answers = ReadonlyMap<string, Answer>;
