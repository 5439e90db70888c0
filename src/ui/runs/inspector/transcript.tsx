import { ChevronRight, Wrench } from "lucide-react";
import { useMemo, useState } from "react";
import { isObject, type JsonValue } from "../../../core/json.ts";
import type { ShownStatus } from "../../../core/view/status.ts";
import type { AgentRun } from "../../../http/schemas/agent-runs.ts";
import { count, dollars, duration, plural } from "../../format.ts";
import { Note, StatusBadge, StatusIcon } from "../../kit/badge.tsx";
import { Button } from "../../kit/button.tsx";
import { JsonTree } from "../../kit/json-tree.tsx";
import s from "./transcript.module.css";

/** An agent run as it is shown: as of the cursor, with how many turns it came to have. */
export type ShownTranscript = AgentRun & { readonly turnsInAll: number };

type Turn = AgentRun["turns"][number];
type Call = Turn["calls"][number];

/** Longer texts are folded. */
const LONG_TEXT = 700;

const LOOK: Readonly<Record<AgentRun["status"], ShownStatus>> = {
  running: "RUNNING",
  waiting: "WAITING_APPROVAL",
  completed: "COMPLETED",
  failed: "FAILED",
  cancelled: "CANCELLED",
};

type Shown = {
  readonly transcript: ShownTranscript;
  /** With the agents it called: they stand below the call. */
  readonly all: readonly ShownTranscript[];
  /** The words of the turns that are under way, by agent run. */
  readonly saying: ReadonlyMap<string, string>;
  /** Ms since 1970; what goes on, goes on up to here. */
  readonly now: number;
  readonly isPast: boolean;
  /** Leads to the question an agent waits with. */
  readonly onDecide: () => void;
};

/** A conversation in order: what the agent was told, each turn of its model, and each call with what came of it. */
export function Transcript(shown: Shown) {
  const { transcript, isPast } = shown;
  const saying = shown.saying.get(transcript.agentRunId) ?? null;
  const { agent, model, simulated, status, turns, turnsInAll, prompt, resumedFrom } = transcript;
  const isOpen = status === "running" || status === "waiting";
  return (
    <article className={s.transcript} aria-label={`Transcript of ${agent}`}>
      <header className={s.head}>
        <b>{agent}</b>
        <span className={s.model}>{model}</span>
        <StatusBadge status={LOOK[status]} />
      </header>
      {simulated && <Note>simulated – no model was called</Note>}
      <Used {...shown} />
      {isPast && turns.length < turnsInAll && (
        <p className={s.note}>
          As of this event: {turns.length} of {plural(turnsInAll, "turn")}.
        </p>
      )}
      {resumedFrom !== null && (
        <p className={s.note}>Goes on with the finished turns and calls of the attempt before.</p>
      )}
      <ol className={s.turns}>
        {prompt.map(({ role, text }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a prompt never changes
          <li key={index}>
            <Said who={role} text={text} startsFolded={role === "system"} />
          </li>
        ))}
        {turns.map((turn) => (
          <li key={turn.seq}>
            <TurnOf turn={turn} shown={shown} />
          </li>
        ))}
        {isOpen && saying !== null && (
          <li aria-live="off">
            <Said who={agent} text={saying === "" ? "…" : saying} isLive />
          </li>
        )}
      </ol>
      <End {...shown} />
    </article>
  );
}

function Used({ transcript: { usage, turns, createdAt, finishedAt, simulated }, now }: Shown) {
  const end = finishedAt === null ? now : Date.parse(finishedAt);
  const calls = turns.reduce((sum, turn) => sum + turn.calls.length, 0);
  return (
    <dl className={s.used}>
      <Fact name="Took">{duration(end - Date.parse(createdAt))}</Fact>
      <Fact name="Turns">{count(turns.length)}</Fact>
      <Fact name="Calls">{count(calls)}</Fact>
      {!simulated && (
        <>
          <Fact name="Tokens in">
            {count(usage.inputTokens)}
            {usage.cachedTokens > 0 && ` (${count(usage.cachedTokens)} cached)`}
          </Fact>
          <Fact name="Tokens out">{count(usage.outputTokens)}</Fact>
          <Fact name="Cost">{usage.costUsd > 0 ? dollars(usage.costUsd) : "unknown"}</Fact>
        </>
      )}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="num">{children}</dd>
    </div>
  );
}

function TurnOf({ turn, shown }: { readonly turn: Turn; readonly shown: Shown }) {
  const { transcript } = shown;
  const { ask, text, calls, kind, usage, finish, tries, startedAt, endedAt } = turn;
  const used = usage.inputTokens + usage.outputTokens;
  const facts = [
    duration(Date.parse(endedAt) - Date.parse(startedAt)),
    used > 0 && `${count(used)} tokens`,
    usage.costUsd > 0 && dollars(usage.costUsd),
    tries > 1 && `asked ${tries} times`,
    kind === "repair" && "asked again: the answer did not match the schema",
    finish !== "stop" && finish !== "tool-calls" && `ended by ${finish}`,
  ].filter(Boolean);
  return (
    <div className={s.turn}>
      {ask !== null && <Said who="user" text={ask} />}
      {(text !== "" || calls.length === 0) && (
        <Said who={transcript.agent} text={text === "" ? "(no words)" : text} />
      )}
      {calls.map((call) => (
        <CallOf key={call.callId} call={call} shown={shown} />
      ))}
      {!transcript.simulated && <p className={s.facts}>{facts.join(" · ")}</p>}
    </div>
  );
}

function CallOf({ call, shown }: { readonly call: Call; readonly shown: Shown }) {
  const { tool, args, decision, text, isError, startedAt, endedAt, callId, tries } = call;
  const { transcript, all, now } = shown;
  const child = all.find(
    ({ parentId, parentCallId }) => parentId === transcript.agentRunId && parentCallId === callId,
  );
  const look = statusOf(call, transcript);
  return (
    // No landmark: there may be many, also of one tool.
    <div className={s.call} role="group" aria-label={`Call of ${tool}`}>
      <header className={s.callHead}>
        <Wrench size={13} aria-hidden />
        <code className={s.tool}>{tool}</code>
        {tries > 1 && <Note>×{tries}</Note>}
        {startedAt !== null && (
          <span className={s.took}>
            {duration((endedAt === null ? now : Date.parse(endedAt)) - Date.parse(startedAt))}
          </span>
        )}
        <StatusIcon status={look} />
      </header>
      {Object.keys(args).length > 0 && <JsonTree value={args as JsonValue} name={`arguments of ${tool}`} />}
      {decision && (
        <p className={s.note}>
          {decision.approved ? "Approved" : "Denied"} by <b>{decision.by}</b>
          {decision.originalArgs && ", who changed the arguments"}
          {decision.comment !== null && ` – “${decision.comment}”`}
        </p>
      )}
      {decision?.originalArgs && (
        <JsonTree value={decision.originalArgs as JsonValue} name="arguments the model asked for" />
      )}
      {child && (
        <div className={s.child}>
          <Transcript {...shown} transcript={child} />
        </div>
      )}
      {text !== null && <Result text={text} isError={isError === true} tool={tool} />}
    </div>
  );
}

function statusOf({ status, isError, callId }: Call, { question }: ShownTranscript): ShownStatus {
  switch (status) {
    case "done":
      return isError ? "FAILED" : "SUCCEEDED";
    case "started":
      return "RUNNING";
    case "pending":
      return askedAbout(question) === callId ? "WAITING_APPROVAL" : "PENDING";
  }
}

/** The call that a person is asked about. */
function askedAbout(question: ShownTranscript["question"]): string | null {
  const evidence = isObject(question) ? question["evidence"] : null;
  return isObject(evidence) && typeof evidence["callId"] === "string" ? evidence["callId"] : null;
}

/** What a tool answered. */
function Result({
  text,
  isError,
  tool,
}: {
  readonly text: string;
  readonly isError: boolean;
  readonly tool: string;
}) {
  return (
    <div className={isError ? s.error : s.result}>
      {isError ? <Text text={text} /> : <Words text={text} name={`result of ${tool}`} />}
    </div>
  );
}

function Said({
  who,
  text,
  startsFolded = false,
  isLive = false,
}: {
  readonly who: string;
  readonly text: string;
  readonly startsFolded?: boolean;
  readonly isLive?: boolean;
}) {
  const [isFolded, setFolded] = useState(startsFolded);
  return (
    <div className={s.said} data-live={isLive || undefined}>
      {startsFolded ? (
        <button
          type="button"
          className={s.who}
          aria-expanded={!isFolded}
          onClick={() => setFolded(!isFolded)}
        >
          <ChevronRight size={12} aria-hidden /> {who}
        </button>
      ) : (
        <p className={s.who}>{who}</p>
      )}
      {!isFolded && (isLive ? <Text text={text} /> : <Words text={text} name={`words of ${who}`} />)}
    </div>
  );
}

/** A text, as a tree where it is an object or a list. */
function Words({ text, name }: { readonly text: string; readonly name: string }) {
  const value = useMemo(() => structureOf(text), [text]);
  return value === null ? <Text text={text} /> : <JsonTree value={value} name={name} />;
}

function Text({ text }: { readonly text: string }) {
  const [isWhole, setWhole] = useState(false);
  const isCut = text.length > LONG_TEXT && !isWhole;
  return (
    <p className={s.text}>
      {isCut ? `${text.slice(0, LONG_TEXT)}… ` : text}
      {isCut && (
        <button type="button" className={s.more} onClick={() => setWhole(true)}>
          all {count(text.length)} characters
        </button>
      )}
    </p>
  );
}

function End({ transcript, onDecide }: Pick<Shown, "transcript" | "onDecide">) {
  const { status, error, reason, question, validation } = transcript;
  const message = messageOf(error) ?? reason;
  return (
    <>
      {status === "waiting" && (
        <div className={s.waits}>
          <p className={s.note}>{messageOf(question) ?? "It waits until a person has decided."}</p>
          <Button onClick={onDecide}>Decide</Button>
        </div>
      )}
      {validation !== undefined && <p className={s.note}>The answer does not match the agent’s schema.</p>}
      {message !== null && <p className={s.error}>{message}</p>}
    </>
  );
}

function messageOf(value: AgentRun["error"]): string | null {
  return isObject(value) && "message" in value ? String(value["message"]) : null;
}

function structureOf(text: string): JsonValue | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return null; // it only begins like JSON
  }
}
