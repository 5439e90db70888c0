import type { JsonObject, JsonValue } from "../json.ts";

/** What the outside world does in a rehearsal: its agents, people and signals. Delays are virtual milliseconds. */
export type Scenario = {
  readonly input: JsonObject;
  /** What agents answer, by the name of the state or of the agent; a state's own answers come before its agent's. */
  readonly agents: Readonly<Record<string, readonly Line[]>>;
  /** What runs of other workflows answer, by the name of the state that calls them or their workflow's id. */
  readonly workflows: Readonly<Record<string, readonly Line[]>>;
  /** What people decide, by the name of the approval's state, one ruling per request; the last one stands. */
  readonly approvals: Readonly<Record<string, readonly Ruling[]>>;
  readonly signals: readonly ScriptedSignal[];
  /** Approve and signal whatever nobody has said anything about. Otherwise approvals expire and signals never come. */
  readonly assumesConsent: boolean;
};

/** One answer of an agent, or of a run of another workflow. */
export type Line = {
  readonly says:
    | { readonly output: JsonValue }
    | { readonly error: { readonly code: string; readonly message: string; readonly retryable: boolean } };
  /** Only for calls whose input holds this; `null`: for any. */
  readonly with: JsonObject | null;
  /** How long it takes; an attempt's timeout ends it as it would in earnest. */
  readonly takesMs: number;
  /** The output may break the agent's output schema. */
  readonly unchecked: boolean;
  /** Where it stands in the test file. */
  readonly pointer: string;
};

export type Ruling = {
  readonly decision: "approve" | "reject" | "ignore";
  /** Who decides, one after the other; empty: as many people as are needed. */
  readonly by: readonly string[];
  readonly afterMs: number;
  readonly comment: string | null;
};

export type ScriptedSignal = {
  readonly name: string;
  readonly payload: JsonValue;
  /** Counted from the run's start; `null`: as soon as the run waits for it. */
  readonly afterMs: number | null;
};
