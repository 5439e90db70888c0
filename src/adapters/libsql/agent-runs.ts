import type { AgentChange, AgentRunStatus } from "../../core/agent/agent-run.ts";
import type { AgentStore, NewAgentRun } from "../../engine/ports/agents.ts";
import { AGENT_RUN, agentRunFrom, CALL, callCells, type KeptAgentRun, TURN } from "./agent-rows.ts";
import { type Cells, change, type Database, isTooLong, type Query, select } from "./database.ts";
import { listAgentRuns } from "./query-agent-runs.ts";

/** ?1 names the run, ?2 the worker, ?3 its token: true while the step is in these hands. */
const IN_HAND = `exists (
  select 1 from agent_runs a join workflow_run_steps s
    on s.run_id = a.workflow_run_id and s.branch = a.branch and s.step_id = a.step_id
  where a.id = ?1 and a.fence = ?3 and a.status in ('running', 'waiting')
    and s.attempt = a.attempt and s.lease_owner = ?2 and s.lease_token = ?3)`;

const CREATE = `insert into agent_runs (${AGENT_RUN})
select ?1, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
  -- Another attempt of the same agent goes on with what the last one that began had finished.
  (select f.id from agent_runs f
    where f.id = (select e.id from json_each(?20) c join agent_runs e on e.id = c.value order by c.key limit 1)
    and f.agent_checksum = ?7 and f.input = ?10 and f.model = ?8
    -- Who called an agent that failed for good, and did not hear of it, is to hear of it, and not to have it tried again.
    and (f.status <> 'failed' or f.error ->> '$.retryable' = 1 or f.parent_id is not null)),
  ?3, 'running', null, null, null, null, ?21, null
where exists (
  select 1 from workflow_run_steps s where s.run_id = ?12 and s.branch = ?13 and s.step_id = ?14
    and s.attempt = ?15 and s.lease_owner = ?2 and s.lease_token = ?3)
on conflict do nothing`;

/** What was finished is copied once: while the new run has nothing of its own. */
const COPY_TURNS = `insert into agent_turns (agent_run_id, ${TURN})
select n.id, ${TURN.split(", ")
  .map((column) => `t.${column}`)
  .join(", ")}
from agent_runs n join agent_turns t on t.agent_run_id = n.resumed_from
where n.id = ?1 and not exists (select 1 from agent_turns o where o.agent_run_id = n.id)`;

const COPY_CALLS = `insert into agent_tool_calls (agent_run_id, place, ${CALL})
select n.id, c.place, ${CALL.split(",")
  .map((column) => `c.${column.trim()}`)
  .join(", ")}
from agent_runs n join agent_tool_calls c on c.agent_run_id = n.resumed_from
where n.id = ?1 and not exists (select 1 from agent_tool_calls o where o.agent_run_id = n.id)`;

const COPY_EXACT = `insert into agent_exact (agent_run_id, place, text)
select n.id, e.place, e.text
from agent_runs n join agent_exact e on e.agent_run_id = n.resumed_from
where n.id = ?1 and e.place <> 'answer'
on conflict do nothing`;

const TAKE = `update agent_runs set fence = ?3, status = 'running', question = null
where id = ?1 and fence <= ?3 and status in ('running', 'waiting') and exists (
  select 1 from workflow_run_steps s where s.run_id = workflow_run_id and s.branch = agent_runs.branch
    and s.step_id = agent_runs.step_id and s.attempt = agent_runs.attempt
    and s.lease_owner = ?2 and s.lease_token = ?3)
returning 1`;

const PUT_TURN = `insert into agent_turns (agent_run_id, ${TURN})
select ?1, ?4, ?5, ?6, ?7, ?8, ?9, ?10 where ${IN_HAND} on conflict do nothing`;

const PUT_CALL = `insert into agent_tool_calls (agent_run_id, place, ${CALL})
select ?1, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17 where ${IN_HAND}
on conflict (agent_run_id, call_id) do update set args = excluded.args, tries = excluded.tries,
  status = excluded.status, decision = excluded.decision, result = excluded.result, is_error = excluded.is_error,
  spent = excluded.spent, simulated = excluded.simulated, started_at = excluded.started_at, ended_at = excluded.ended_at
  where agent_tool_calls.status <> 'done'`;

/** Of a beginning that is there already, and of a finished call, the first word counts, as it does for themselves. */
const PUT_EXACT = `insert into agent_exact (agent_run_id, place, text)
select ?1, ?4, ?5 where ${IN_HAND}
on conflict (agent_run_id, place) do update set text = excluded.text where excluded.place <> 'head'`;

const PUT_STATUS = `update agent_runs
set status = ?4, question = ?5, answer = ?6, error = ?7, cancel_reason = ?8, finished_at = ?9
where id = ?1 and ${IN_HAND}`;

const ABANDON = `update agent_runs set status = 'cancelled', question = null, cancel_reason = ?3, finished_at = ?4
where root_id = ?1 and fence <= ?2 and status in ('running', 'waiting')
  -- Whoever has taken the step over has not come to its agent yet.
  and not exists (
    select 1 from workflow_run_steps s where s.run_id = workflow_run_id and s.branch = agent_runs.branch
      and s.step_id = agent_runs.step_id and s.attempt = agent_runs.attempt and s.lease_token > ?2)`;

const IS_OVER = `status in ('running', 'waiting') and not exists (
  select 1 from workflow_run_steps s where s.run_id = workflow_run_id and s.branch = agent_runs.branch
    and s.step_id = agent_runs.step_id and s.attempt = agent_runs.attempt
    and s.status in ('PENDING', 'RUNNING', 'WAITING_APPROVAL'))`;

const SWEEP = `update agent_runs
set status = 'cancelled', question = null, cancel_reason = 'its step is over', finished_at = ?1
where ${IS_OVER} returning 1`;

const IS_FORGOTTEN = `not exists (
  select 1 from agent_runs a join workflow_run_steps s
    on s.run_id = a.workflow_run_id and s.branch = a.branch and s.step_id = a.step_id
  where a.id = agent_exact.agent_run_id and s.status in ('PENDING', 'RUNNING', 'WAITING_APPROVAL'))`;

const FORGET = `delete from agent_exact where ${IS_FORGOTTEN}`;

/** The agents' tables. Every write looks at the step's claim, so that a stale holder changes nothing. */
export function agentRuns(db: Database): AgentStore {
  return {
    async open(run, hold, earlier, exact = []) {
      const { worker, token } = hold;
      const key = [run.id, worker, token] as const;
      const answers = await writtenOr("too-large", db, [
        { sql: CREATE, args: createArgs(run, key, earlier) },
        { sql: COPY_TURNS, args: [run.id] },
        { sql: COPY_CALLS, args: [run.id] },
        { sql: COPY_EXACT, args: [run.id] },
        { sql: TAKE, args: key },
        ...exact.map(({ place, text }) => ({ sql: PUT_EXACT, args: [...key, place, text] })),
        ...readQueries(run.id),
        { sql: EXACT, args: [run.id] },
      ]);
      if (answers === "too-large") return { status: answers };
      const taken = (answers[4] ?? []).length > 0;
      const rows = answers.slice(5 + exact.length);
      const kept = keptFrom(rows);
      const hidden = (rows[3] ?? []).map(([place, text]) => ({ place: String(place), text: String(text) }));
      if (!kept) return { status: "lost" };
      const isOver = kept.run.status.status !== "running" && kept.run.status.status !== "waiting";
      if (!taken && !isOver) return { status: "lost" };
      return { status: "open", run: kept.run, ...(hidden.length > 0 ? { exact: hidden } : {}) };
    },
    async commit(id, { worker, token }, changes, _at, exact = []) {
      const key = [id, worker, token] as const;
      const written = [
        // Before the changes: one of them may end the run, and then it is in nobody's hands.
        ...exact.map(({ place, text }) => ({ sql: PUT_EXACT, args: [...key, place, text] })),
        ...changes.flatMap((each) => queriesOf(key, each)),
      ];
      const answers = await db.write([
        { sql: `select 1 where ${IN_HAND}`, args: key },
        ...written,
        // A status that was kept before, and nobody heard.
        ...(changes.some(({ type }) => type === "status")
          ? [{ sql: SAME_STATUS, args: sameArgs(id, changes) }]
          : []),
      ]);
      const again = answers.length > written.length + 1 ? (answers.at(-1)?.length ?? 0) > 0 : false;
      return (answers[0] ?? []).length > 0 || again;
    },
    async abandon(rootId, { token }, reason, at) {
      await change(db, ABANDON, [rootId, token, reason, at]);
    },
    async sweep(at) {
      // Usually there is none: looking costs less than a write.
      const [over = [], forgotten = []] = await db.read([
        { sql: `select 1 from agent_runs where ${IS_OVER} limit 1`, args: [] },
        { sql: `select 1 from agent_exact where ${IS_FORGOTTEN} limit 1`, args: [] },
      ]);
      if (forgotten.length > 0) await change(db, FORGET, []);
      return over.length === 0 ? 0 : (await change(db, SWEEP, [at])).length;
    },
    async run(id) {
      return keptFrom(await db.read(readQueries(id)))?.run ?? null;
    },
    async known(ids) {
      const rows = await select(db, KNOWN, [JSON.stringify(ids)]);
      return new Set(rows.map(([id]) => String(id)));
    },
    list: (runId, step) => listAgentRuns(db, runId, step ?? null),
  };
}

/** What a write answers, or what is said when one of its values is too long to be kept. */
async function writtenOr<Said extends string>(said: Said, db: Database, queries: readonly Query[]) {
  try {
    return await db.write(queries);
  } catch (error) {
    if (isTooLong(error)) return said;
    throw error;
  }
}

const KNOWN = "select id from agent_runs where id in (select value from json_each(?))";

const EXACT = "select place, text from agent_exact where agent_run_id = ?";

const SAME_STATUS = "select 1 from agent_runs where id = ? and status = ? and finished_at is ?";

function sameArgs(id: string, changes: readonly AgentChange[]): Cells {
  const last = changes.findLast((each) => each.type === "status");
  const status = last?.type === "status" ? last.status : null;
  return [id, status?.status ?? "", status && "at" in status ? status.at : null];
}

function createArgs(
  run: NewAgentRun,
  key: readonly [string, string, number],
  earlier: readonly string[],
): Cells {
  const { place, family } = run;
  return [
    ...key,
    run.idempotencyKey,
    run.environment,
    run.agent,
    run.checksum,
    run.model,
    Number(run.simulated),
    JSON.stringify(run.input),
    JSON.stringify(run.prompt),
    place.runId,
    place.branch,
    place.stepId,
    place.attempt,
    family.rootId,
    family.parentId,
    family.parentCallId,
    JSON.stringify(family.chain),
    JSON.stringify(earlier),
    run.createdAt,
  ];
}

function queriesOf(key: readonly [string, string, number], each: AgentChange): readonly Query[] {
  switch (each.type) {
    case "turn": {
      const { seq, kind, ask, reply, tries, startedAt, endedAt } = each.turn;
      const args = [...key, seq, kind, ask, JSON.stringify(reply), tries, startedAt, endedAt];
      return [
        { sql: PUT_TURN, args },
        ...each.calls.map((call, place) => ({ sql: PUT_CALL, args: [...key, place, ...callCells(call)] })),
      ];
    }
    case "call":
      return [{ sql: PUT_CALL, args: [...key, 0, ...callCells(each.call)] }];
    case "status":
      return [{ sql: PUT_STATUS, args: [...key, ...statusCells(each.status)] }];
  }
}

function statusCells(status: AgentRunStatus): Cells {
  return [
    status.status,
    status.status === "waiting" ? JSON.stringify(status.question) : null,
    status.status === "completed" ? JSON.stringify(status.answer) : null,
    status.status === "failed" ? JSON.stringify(status.error) : null,
    status.status === "cancelled" ? status.reason : null,
    "at" in status ? status.at : null,
  ];
}

function readQueries(id: string): readonly Query[] {
  return [
    { sql: `select ${AGENT_RUN} from agent_runs where id = ?`, args: [id] },
    { sql: `select ${TURN} from agent_turns where agent_run_id = ? order by seq`, args: [id] },
    { sql: `select ${CALL} from agent_tool_calls where agent_run_id = ? order by turn, place`, args: [id] },
  ];
}

function keptFrom([runs = [], turns = [], calls = []]: readonly (readonly Cells[])[]): KeptAgentRun | null {
  const [row] = runs;
  return row ? agentRunFrom(row, turns, calls) : null;
}
