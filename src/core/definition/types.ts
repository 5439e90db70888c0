import type { JsonObject, JsonValue } from "../json.ts";
import type { Overlap } from "../schedule/overlap.ts";

/**
 * The workflow language in canonical form: what remains of a file after `normalise`. Nothing behind the parser
 * knows an alias. All paths are dot-paths into the context without `ctx.` or `$.`, unless said otherwise.
 */
export type Definition = {
  /** What a program must know to run it, see `form.ts`; 1 without it. */
  readonly form?: number;
  readonly id: string;
  /** The author's version text; the store counts versions of its own. */
  readonly version: string;
  readonly name: string;
  readonly description?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** JSON Schema of the run's input. */
  readonly inputSchema?: JsonObject;
  /** JSON Schema of the run's output; a mismatch is a warning. */
  readonly outputSchema?: JsonObject;
  /** What the run answers: a path or a Starlark expression; without it the last state's result. */
  readonly output?: string;
  readonly timeoutSeconds?: number;
  readonly concurrency?: Concurrency;
  readonly schedule?: Schedule;
  readonly start: string;
  readonly states: readonly State[];
};

export type Concurrency = {
  /** A template over the input. */
  readonly key: string;
  readonly limit: number;
  readonly onConflict: "queue" | "reject" | "cancel";
};

export type Schedule = {
  readonly cron: string;
  readonly timezone: string;
  readonly input?: JsonObject;
  readonly overlap?: Overlap;
  readonly catchUpSeconds?: number;
};

export type State =
  | AgentState
  | ApprovalState
  | CallState
  | SwitchState
  | ParallelState
  | InjectState
  | ForeachState
  | TransformState
  | TimerState
  | SignalState
  | TryState;

export type StateType = State["type"];

/** What an operation does. */
export type Action = Extract<State, { type: "operation" }>["action"];

/** Where to go when a state is done: another state of the same list, or the end of its branch. */
export type Transition = { readonly next: string } | { readonly end: true };

type Base = {
  readonly name: string;
  /** Where the result goes: a dot-path in the branch's context. */
  readonly resultPath?: string;
  readonly onError?: { readonly next: string; readonly resultPath?: string };
  readonly continueOnError?: true;
  /** Whole seconds or fractions, counted from the state's entry (for an agent and a called run: from each attempt's start). */
  readonly timeoutSeconds?: number;
};

type Onward = { readonly transition: Transition };

export type AgentState = Base &
  Onward & {
    readonly type: "operation";
    readonly action: "agent.run";
    /** Name, file name or slug of an agent in the workflow's environment, or `name@environment` where that is open to it. */
    readonly agent: string;
    /** A string with templates; reaches the agent exactly as written after templating. */
    readonly task?: string;
    /** Values with templates. */
    readonly variables?: JsonObject;
    readonly retry?: Retry;
  };

export type Retry = {
  /** Attempts in all, the first included; ≥ 1. */
  readonly maxAttempts: number;
  readonly backoffSeconds: number;
  readonly multiplier: number;
  readonly maxBackoffSeconds: number;
  /** Spreads each delay over ±50 %. */
  readonly jitter: boolean;
  /** Error codes that are retried; without it every retryable error is. */
  readonly retryOn?: readonly string[];
  readonly nonRetryable?: readonly string[];
};

export type ApprovalState = Base &
  Onward & {
    readonly type: "operation";
    readonly action: "human.approval";
    readonly message: string;
    readonly title?: string;
    readonly summaryPath?: string;
    /** `user:…`, `team:…`, `role:…`; empty: anyone who may approve here. */
    readonly approvers: readonly string[];
    /** How many approvals, or how many per approver group. */
    readonly quorum: number | Readonly<Record<string, number>>;
    readonly excludeStarter: boolean;
    /** Whoever wrote the version of the workflow that runs may not decide either. */
    readonly excludeAuthor?: true;
    /** How many rejections it takes; without it one. */
    readonly rejectQuorum?: number;
    /** Who may reject alone, whatever `rejectQuorum` says; they need not be approvers. */
    readonly veto?: readonly string[];
    /** An approver may hand their voice to somebody else. */
    readonly allowDelegation?: true;
    /** When approvers are reminded, counted back from the timeout; 0 for never. Without it a tenth of the time. */
    readonly remindBeforeSeconds?: number;
    readonly onReject: "fail" | "cancel" | { readonly next: string };
    readonly onTimeout: "fail" | "reject" | { readonly next: string };
    readonly escalate: readonly Escalation[];
  };

/** Starts a run of another workflow and waits for its end; what that run answers is the result. */
export type CallState = Base &
  Onward & {
    readonly type: "operation";
    readonly action: "workflow.run";
    /** A workflow of the same environment. */
    readonly workflow: string;
    /** One of its versions; without it the one that is current when the run is started. */
    readonly version?: number;
    /** The input of the run; values with templates. */
    readonly variables?: JsonObject;
    readonly retry?: Retry;
  };

export type Escalation = {
  readonly afterSeconds: number;
  readonly to: readonly string[];
  readonly notify?: JsonValue;
};

export type SwitchState = Base & {
  readonly type: "switch";
  readonly dataPath?: string;
  readonly conditions: readonly { readonly if: string; readonly next: string }[];
  readonly defaultNext?: string;
};

export type ParallelState = Base &
  Onward & {
    readonly type: "parallel";
    readonly branches: readonly Block[];
    /** How many branches must succeed: all of them, the first, or a count. */
    readonly join: "all" | "any" | number;
    readonly onBranchFailure: "cancel" | "wait";
  };

/** A list of states with its own start; a branch of the run stands on one of them at a time. */
export type Block = {
  /** The branch's name in a parallel; `iterator`, `try`, `catch`, `finally` elsewhere. */
  readonly name: string;
  readonly start: string;
  readonly states: readonly State[];
  /** Set for the shorthand `agent: x`: the block's result is that state's result. */
  readonly resultOf?: string;
};

export type InjectState = Base & Onward & { readonly type: "inject"; readonly data: JsonObject };

export type ForeachState = Base &
  Onward & {
    readonly type: "foreach";
    readonly itemsPath: string;
    readonly itemName: string;
    readonly maxConcurrency: number;
    readonly iterator: Block;
    readonly onBranchFailure: "cancel" | "wait";
    /** `results`: a list in item order (default); `array`: `[{item, index, output}]`. */
    readonly outputAggregation: "results" | "array";
  };

export type TransformState = Base & Onward & { readonly type: "transform"; readonly expression: string };

export type TimerState = Base &
  Onward & {
    readonly type: "timer";
    /** Seconds to wait, or a time (RFC 3339) to wait until; either may be a template. */
    readonly wait: { readonly seconds: number | string } | { readonly until: string };
  };

export type SignalState = Base & Onward & { readonly type: "signal"; readonly signal: string };

export type TryState = Base &
  Onward & {
    readonly type: "try";
    readonly try: Block;
    readonly catch?: Block;
    readonly finally?: Block;
  };
