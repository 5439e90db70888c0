import { createCatalogue } from "../../src/adapters/agents/catalogue.ts";
import { agent, keepingLog, loading, request } from "../../src/adapters/agents/test-agents.ts";
import { createSchemas } from "../../src/adapters/json-schema/schemas.ts";
import { NO_USAGE, type Reply } from "../../src/core/agent/agent-run.ts";
import { DEFAULT_RULES } from "../../src/core/agent/rules.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { RunId, StepId } from "../../src/core/run/ids.ts";
import { agentRunIdOf, approvalIdOf, idempotencyKey } from "../../src/core/run/step-id.ts";
import { createAgentRunner } from "../../src/engine/agent/runner.ts";
import { StoreUnavailable } from "../../src/engine/errors.ts";
import { ModelFailure, type Models, type TurnRequest } from "../../src/engine/ports/agents.ts";
import type { ApprovalView } from "../../src/engine/ports/queries.ts";
import type { ToolSource } from "../../src/engine/ports/tools.ts";
import { memoryAgents } from "./memory-agents.ts";
import { memoryTools, says } from "./memory-tools.ts";

/** What became of a family of agents whose workers die, whose steps run out of time, and whose database comes and goes. */
export type Fate = {
  /** How often each call of the tool that must not be repeated was made, by its arguments. */
  readonly made: ReadonlyMap<string, number>;
  /** Arguments that a person has allowed. */
  readonly allowed: ReadonlySet<string>;
  readonly attempts: number;
};

const RULES = {
  ...DEFAULT_RULES,
  approvals: { tools: ["destructive"], approvers: [], timeoutSeconds: null },
};
const MAY_CALL = {
  a: ["write", "read", "__agent_b", "__agent_c"],
  b: ["write", "read", "__agent_c"],
  c: ["write", "read"],
};
const AGENTS = [
  agent("a", { model: "m", tools: ["write", "read"], agents: ["b", "c"], rules: RULES }),
  agent("b", { model: "m", tools: ["write", "read"], agents: ["c"], rules: RULES }),
  agent("c", { model: "m", tools: ["write", "read"], rules: RULES }),
];
const MOST_LIVES = 3000;

const clock = { now: () => 1000, random: () => 0 };
const catalogue = createCatalogue({ load: loading(...AGENTS), clock });
const schemas = createSchemas();

/** The same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Death extends Error {}

/** Lets agents of three generations work until they are done, through as many lives as it takes. */
export async function liveThrough(seed: number): Promise<Fate> {
  const random = randomFrom(seed);
  const danger = random() * 0.08;
  const { store, holder } = memoryAgents();
  const made = new Map<string, number>();
  const allowed = new Set<string>();
  const verdicts = new Map<string, ApprovalView>();
  let life = { isOver: false };
  let abort = new AbortController();
  /** Somewhere in the middle: nothing happens, the worker dies, or the step's time is over. */
  const risk = async (mine: typeof life): Promise<void> => {
    if (random() < 0.3) await new Promise<void>((resolve) => setImmediate(resolve));
    if (mine.isOver) throw new Death();
    const fate = random();
    if (fate < danger) {
      mine.isOver = true;
      throw new Death();
    }
    if (fate < danger * 1.3) abort.abort(new DOMException("out of time", "TimeoutError"));
  };

  const born = () => {
    const mine = { isOver: false };
    life = mine;
    const kept = async <T>(work: () => Promise<T>): Promise<T> => {
      await risk(mine);
      const result = await work();
      if (random() < danger) throw new StoreUnavailable("told to have failed");
      await risk(mine);
      return result;
    };
    const { source } = memoryTools({
      write: {
        does: async (args) => {
          await risk(mine);
          const key = JSON.stringify(args);
          made.set(key, (made.get(key) ?? 0) + 1);
          await risk(mine);
          return abort.signal.aborted ? { status: "unknown", reason: "cancelled" } : says("written");
        },
      },
      read: { annotations: { readOnlyHint: true }, does: async () => risk(mine).then(() => says("read")) },
    });
    const bind: ToolSource["bind"] = async (...asked) => {
      await risk(mine);
      const down = { code: "mcp_unavailable", pattern: "read", message: "down", retryable: true } as const;
      return random() < danger ? { tools: [], problems: [down] } : source.bind(...asked);
    };
    const models: Models = {
      open: ({ name }) => ({
        ok: true,
        model: {
          id: "m",
          isReal: true,
          isWorthKeeping: true,
          isPriced: true,
          async turn(asked) {
            await risk(mine);
            if (random() < danger) throw failure("away", true);
            const reply = replyOf(name as keyof typeof MAY_CALL, asked, seed);
            await risk(mine);
            return reply;
          },
        },
      }),
      problem: () => null,
    };
    return createAgentRunner({
      catalogue,
      models,
      tools: { ...source, bind },
      store: {
        ...store,
        open: (...parts) => kept(() => store.open(...parts)),
        commit: (...parts) => kept(() => store.commit(...parts)),
        abandon: (...parts) => kept(() => store.abandon(...parts)),
      },
      approvals: { approval: async (id) => verdicts.get(id) ?? null },
      schemas,
      clock,
      log: keepingLog(),
      redact: (text) => text,
      onProgress: () => {},
      sleep: async () => {},
    });
  };

  const stepId = "step" as StepId;
  let attempt = 1;
  for (let lives = 0; lives < MOST_LIVES; lives++, holder.token++) {
    abort = new AbortController();
    const agentRunId = agentRunIdOf(idempotencyKey("run_1" as RunId, stepId, attempt));
    const given = request("a", { task: "t", agentRunId, attempt, lease: { ...holder } });
    const result = await born().run(given, abort.signal).catch(asDeath);
    if (result === null || life.isOver) {
      life.isOver = true;
      // What the dead one still had under way comes to its end.
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (random() < 0.3) attempt++;
    } else if (result.status === "completed") return { made, allowed, attempts: attempt };
    else if (result.status === "waiting") {
      const args = result.question.evidence["arguments"] as JsonObject;
      const [verdict, meant] = decided(args, random());
      verdicts.set(approvalIdOf(stepId, result.question.id), verdict);
      if (meant) allowed.add(JSON.stringify(meant));
      if (random() < 0.1) attempt++;
    } else if (result.error.retryable || abort.signal.aborted) attempt++;
    else throw new Error(`seed ${seed}: ${result.error.code}: ${result.error.message}`);
  }
  throw new Error(`seed ${seed}: it never comes to an end`);
}

function asDeath(error: unknown): null {
  if (error instanceof Death || error instanceof StoreUnavailable) return null;
  throw error;
}

function failure(code: string, retryable: boolean): ModelFailure {
  return new ModelFailure({ type: "agent_error", code, message: code, retryable });
}

/** What a model says: the same to the same conversation, and every call of its own with arguments of its own. */
function replyOf(name: keyof typeof MAY_CALL, { messages }: TurnRequest, seed: number): Reply {
  const turns = messages.filter(({ role }) => role === "model").length;
  const told = messages.flatMap((message) => (message.role === "user" ? [message.text] : [])).join();
  const place = `${told}/${name}${turns}`;
  const random = randomFrom(
    seed ^ [...place].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), 7),
  );
  const goesOn = turns < 3 && random() < 0.75;
  if (!goesOn && name !== "a" && random() < 0.4) throw failure("refused", false);
  const calls = Array.from({ length: goesOn ? 1 + Math.floor(random() * 3) : 0 }, (_, index) => {
    const tool = MAY_CALL[name][Math.floor(random() * MAY_CALL[name].length)] ?? "read";
    // Providers repeat ids, or give none.
    const id = random() < 0.5 ? `call_${index}` : "";
    const mark = `${place}.${index}`;
    return { id, tool, args: tool.startsWith("__") ? { task: mark } : { mark } };
  });
  const finish = goesOn ? "tool-calls" : "stop";
  return { text: goesOn ? "" : "done", calls, finish, usage: NO_USAGE, raw: null, modelId: "m" };
}

/** A person's word about a call, and with which arguments they let it be made. */
function decided(args: JsonObject, mood: number): readonly [ApprovalView, JsonObject | null] {
  const said = { decision: "approve", channel: "api", by: "user:ana", at: 0, comment: null };
  if (mood < 0.2) return [{ status: "REJECTED", decisions: [said] } as unknown as ApprovalView, null];
  const edited = mood < 0.5 ? { ...args, edited: true } : args;
  const decisions = [{ ...said, ...(mood < 0.5 && { args: edited }) }];
  return [{ status: "APPROVED", decisions } as unknown as ApprovalView, edited];
}
