import { isList, isObject, type JsonObject, type JsonValue } from "../json.ts";
import type { AgentChange, AgentRun, AgentRunStatus, Answer, Call, Question, Turn } from "./agent-run.ts";
import { MARK, type Redact, redacted } from "./redact.ts";

/** What a hidden part of an agent run really says, and where it belongs. `null`: that was not kept. */
export type Exact = { readonly place: Place; readonly value: JsonValue };

/** Of an agent run: what it was given, one of its turns, one of its calls, what it answered. */
export type Place = "head" | "answer" | `turn/${number}` | `call/${string}`;

type Head = Pick<AgentRun, "input" | "prompt">;
type TurnParts = Pick<Turn, "ask" | "reply">;
type CallParts = Pick<Call, "args" | "decision" | "progress">;

/** Something as it is kept for everybody to read, and what it really says where that is not the same. */
export type Shown<T> = { readonly shown: T; readonly exact: readonly Exact[] };

/** An agent run's beginning without its secrets. */
export function hideHead<Run extends Head>(run: Run, redact: Redact): Shown<Run> {
  const { input, prompt } = run;
  return hide<Run, Head>(run, { input, prompt }, "head", redact);
}

/** What happens to an agent run without its secrets. A question and an error are nobody's to read again as they were. */
export function hideChange(change: AgentChange, redact: Redact): Shown<AgentChange> {
  switch (change.type) {
    case "turn": {
      const { ask, reply, seq } = change.turn;
      const turn = hide<Turn, TurnParts>(change.turn, { ask, reply }, `turn/${seq}`, redact);
      const calls = change.calls.map((call) => hideCall(call, redact));
      return {
        shown: { ...change, turn: turn.shown, calls: calls.map(({ shown }) => shown) },
        exact: [...turn.exact, ...calls.flatMap(({ exact }) => exact)],
      };
    }
    case "call": {
      const { shown, exact } = hideCall(change.call, redact);
      return { shown: { ...change, call: shown }, exact };
    }
    case "status": {
      const { status } = change;
      if (status.status === "waiting") {
        const question = hideQuestion(status.question, redact);
        return { shown: { ...change, status: { ...status, question } }, exact: [] };
      }
      if (status.status !== "completed")
        return { shown: { ...change, status: without(status, redact) }, exact: [] };
      const { shown, exact } = hide<Answer, Answer>(status.answer, status.answer, "answer", redact);
      return { shown: { ...change, status: { ...status, answer: shown } }, exact };
    }
  }
}

/**
 * A question as it may be shown to those who decide, and kept in the audit trail. Its id is no text of anybody's: by it
 * the agent finds the decision.
 */
export function hideQuestion(question: Question, redact: Redact): Question {
  return { ...without(question, redact), id: question.id };
}

/** An agent run as it really was, as far as that was kept. */
export function reveal(run: AgentRun, exact: readonly Exact[]): AgentRun {
  if (exact.length === 0) return run;
  const at = new Map<string, JsonValue>(exact.map(({ place, value }) => [place, value]));
  const parts = <T>(place: Place) => (at.get(place) ?? {}) as Partial<T>;
  return {
    ...run,
    ...parts<Head>("head"),
    status: answered(run.status, parts<Answer>("answer")),
    turns: run.turns.map((turn) => ({ ...turn, ...parts<TurnParts>(`turn/${turn.seq}`) })),
    calls: run.calls.map((call) => {
      const isLost = at.get(`call/${call.id}`) === null;
      return {
        ...call,
        ...revealed(call, parts<CallParts>(`call/${call.id}`)),
        ...(isLost ? { isLost } : {}),
      };
    }),
  };
}

/**
 * What a person made of arguments of which the secrets were not shown: where they left the mark of one, it is meant as
 * it was.
 */
export function restored(edited: JsonValue, exact: JsonValue, redact: Redact): JsonValue {
  if (JSON.stringify(edited) === JSON.stringify(redacted(exact, redact))) return exact;
  if (isObject(edited) && isObject(exact))
    return Object.fromEntries(
      Object.entries(edited).map(([key, value]) => {
        const was = exact[key];
        if (was === undefined) return [key, value];
        // A value may be hidden for the name of its key alone.
        const isMark = value === MARK && typeof was === "string";
        return [key, isMark ? was : restored(value, was, redact)];
      }),
    );
  if (isList(edited) && isList(exact) && edited.length === exact.length)
    return edited.map((item, index) => restored(item, exact[index] ?? null, redact));
  if (typeof edited === "string" && typeof exact === "string") return restoredText(edited, exact, redact);
  return edited;
}

/** True when what a person made of arguments still has the mark of a secret where nobody can tell which one is meant. */
export function isUnclear(restored: JsonValue, exact: JsonValue, redact: Redact): boolean {
  const marks = (value: JsonValue) => JSON.stringify(value).split(MARK).length;
  return marks(restored) > marks(exact) && marks(redacted(exact, redact)) > marks(exact);
}

/** A text that was changed around its secrets: with as many marks as were shown, each is the one that stood there. */
function restoredText(edited: string, exact: string, redact: Redact): string {
  const between = redact(exact).split(MARK);
  const places = edited.split(MARK);
  const hidden = hiddenIn(exact, between);
  if (hidden === null || places.length !== between.length) return edited;
  return places.map((place, index) => (index === 0 ? place : `${hidden[index - 1]}${place}`)).join("");
}

/** What stands in a text between these parts of it; null when they are no parts of it, or in more ways than one. */
function hiddenIn(exact: string, [first = "", ...parts]: readonly string[]): readonly string[] | null {
  if (!exact.startsWith(first)) return null;
  const hidden: string[] = [];
  let at = first.length;
  for (const [index, part] of parts.entries()) {
    const next = index === parts.length - 1 ? exact.length - part.length : exact.indexOf(part, at);
    if (next < at || !exact.startsWith(part, next)) return null;
    hidden.push(exact.slice(at, next));
    at = next + part.length;
  }
  // What stands between two secrets is in one of them too: nobody can tell where that ends.
  const isClear = parts.slice(0, -1).every((part, index) => !hidden[index + 1]?.includes(part));
  return isClear ? hidden : null;
}

function hideCall(call: Call, redact: Redact): Shown<Call> {
  const { args, decision, progress } = call;
  return hide<Call, CallParts>(call, { args, decision, progress }, `call/${call.id}`, redact);
}

function hide<Whole, Parts extends object>(
  whole: Whole,
  parts: Parts,
  place: Place,
  redact: Redact,
): Shown<Whole> {
  const safe = without(parts, redact);
  if (JSON.stringify(safe) === JSON.stringify(parts)) return { shown: whole, exact: [] };
  return { shown: { ...whole, ...safe }, exact: [{ place, value: parts as unknown as JsonValue }] };
}

function without<T>(value: T, redact: Redact): T {
  return redacted(value as JsonObject, redact) as T;
}

/** What is written of a call at one time is not what it has become since. */
function revealed(call: Call, kept: Partial<CallParts>): Partial<CallParts> {
  return kept.progress?.status === call.progress.status
    ? kept
    : { ...(kept.args ? { args: kept.args } : {}), ...(kept.decision ? { decision: kept.decision } : {}) };
}

function answered(status: AgentRunStatus, exact: Partial<Answer>): AgentRunStatus {
  return status.status === "completed" ? { ...status, answer: { ...status.answer, ...exact } } : status;
}
