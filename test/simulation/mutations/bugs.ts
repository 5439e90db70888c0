// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the places are program text

/** A fault that somebody might put into the engine, and what plays it until it shows. */
export type Bug = {
  readonly name: string;
  /** What goes wrong with it, as an operator would tell it. */
  readonly story: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
  readonly shownBy: "simulation" | "histories";
};

const simulation = (name: string, story: string, file: string, from: string, to: string): Bug => ({
  ...{ name, story, file: `src/${file}`, from, to },
  shownBy: "simulation",
});

const histories = (name: string, story: string, file: string, from: string, to: string): Bug => ({
  ...{ name, story, file: `src/core/run/approvals/${file}`, from, to },
  shownBy: "histories",
});

/** Planted one at a time: each must break a promise that the simulation or the histories hold. */
export const BUGS: readonly Bug[] = [
  simulation(
    "epoch not compared",
    "a decision about a run that was cancelled meanwhile is kept",
    "adapters/libsql/file-guard.ts",
    "if (row[0] !== epoch) return null;",
    "",
  ),
  simulation(
    "slot not compared",
    "two runs that saw the same slot free both take it",
    "adapters/libsql/file-guard.ts",
    "if (slot && !db.first(IS_FREE, slotArgs(slot))) return null;",
    "void [slot, IS_FREE, slotArgs];",
  ),
  simulation(
    "slot kept",
    "a run that ends gives its slot to nobody",
    "core/run/alarms-of.ts",
    "if (slot && isTerminalEvent(event))",
    "if (slot && isTerminalEvent(event) && alarms.length > 99)",
  ),
  simulation(
    "caller's slot not shared",
    "a called run waits for the slot that whoever waits for its end holds",
    "engine/start-run.ts",
    "return !goesWithin(calledBy, await store.runs.aheadOf(slot, 0));",
    "return true;",
  ),
  simulation(
    "end of a called run untold",
    "a called run ends, and the step that waits for it is never woken",
    "core/run/alarms-of.ts",
    "if (run.calledBy && isTerminalEvent(event)) {",
    "if (run.calledBy && isTerminalEvent(event) && alarms.length > 99) {",
  ),
  simulation(
    "called before it is kept",
    "a run is started for a call that nobody keeps",
    "core/run/states/call.ts",
    "|| isToBeKept(turn, step)) return false;",
    ") return false;",
  ),
  simulation(
    "branch version not compared",
    "two workers that read the same branch both move it on",
    "adapters/libsql/file-guard.ts",
    "if (first && row[4] !== first.version) return null;",
    "",
  ),
  simulation(
    "claim not compared",
    "a result is kept for a step that another worker holds by now",
    "adapters/libsql/file-guard.ts",
    "if (step && row[5] !== claimText(step)) return null;",
    "void claimText;",
  ),
  simulation(
    "approval not compared",
    "a worker lets an approval expire that was decided at the same moment",
    "adapters/libsql/file-guard.ts",
    "if (state !== `${approval.status}/${approval.revision}`) return null;",
    "void state;",
  ),
  simulation(
    "result of another attempt",
    "the late answer to an earlier attempt is taken for that of the running one",
    "core/run/decide.ts",
    "lease !== null &&\n    lease.worker === command.lease.worker &&\n    lease.token === command.lease.token &&\n    step.attempt === command.attempt;",
    'step.progress.status === "RUNNING";',
  ),
  simulation(
    "cancel after the end",
    "a completed run is cancelled",
    "core/run/decide.ts",
    'if (isTerminal(run)) return over(run, "cancelled");',
    "",
  ),
  simulation(
    "pause ignored",
    "a paused run goes on",
    "core/run/advance.ts",
    'while (moved && turn.run.lifecycle.status === "RUNNING" && turn.takeMove()) {',
    "while (moved && !isTerminal(turn.run) && turn.takeMove()) {",
  ),
  simulation(
    "parent not woken",
    "a state waits for ever for children that have closed",
    "core/run/alarms-of.ts",
    'if (parent !== null) alarms.push({ change: "wake", target: parent, kind: "resume", dueAt: now });',
    "void parent;",
  ),
  simulation(
    "nobody woken on resume",
    "a run that was resumed stays where it was",
    "core/run/alarms-of.ts",
    'if (event.type === "run.resumed") alarms.push({ change: "wake-all", dueAt: now });',
    "",
  ),
  simulation(
    "retry not scheduled",
    "a step that is to be tried again is not",
    "core/run/alarms-of.ts",
    'return { dueAt: progress.dueAt, kind: "step" };',
    "return null;",
  ),
  simulation(
    "one attempt too many",
    "a step is tried once more than its retry policy says",
    "core/run/retry.ts",
    "!retry || attempt >= retry.maxAttempts",
    "!retry || attempt > retry.maxAttempts",
  ),
  simulation(
    "counters of children not reset",
    "a loop that is entered again joins at once",
    "core/run/transition-of.ts",
    "countersReset: [...touched.entered],",
    "countersReset: [],",
  ),
  simulation(
    "open work left at the end",
    "a cancelled run leaves steps and approvals open",
    "core/run/transition-of.ts",
    '? "ended" : "cancelled";',
    '? "ended" : "ended";',
  ),
  simulation(
    "approvals survive their branch",
    "people are asked about a branch that was given up",
    "adapters/libsql/closing.ts",
    "where run_id = ?1 and branch >= ?2 and branch < ?3 and status = 'PENDING'`;",
    "where run_id = ?1 and branch >= ?2 and branch < ?3 and status = 'NEVER'`;",
  ),
  simulation(
    "given up, and nobody told",
    "a decision about a branch that was given up meanwhile is kept",
    "adapters/libsql/closing.ts",
    "const BRANCH_GIVEN_UP = `version = version + 1, state = null,",
    "const BRANCH_GIVEN_UP = `state = null,",
  ),
  simulation(
    "children counted twice",
    "a state joins while children are still at work",
    "adapters/libsql/file-commit.ts",
    "set children_succeeded = children_succeeded + 1",
    "set children_succeeded = children_succeeded + 2",
  ),
  simulation(
    "newer alarm cleared",
    "a decision clears a wake-up that it has not seen",
    "adapters/libsql/alarms.ts",
    'where run_id = ? and target = ? and revision = ?";',
    'where run_id = ? and target = ? and revision >= ?";',
  ),
  simulation(
    "sent is done",
    "a task that was handed to the queue is forgotten, and the queue loses it",
    "adapters/libsql/outbox.ts",
    "update workflow_outbox set due_at = ?1 + min(?3 * (1 << min(sends, 20)), ${LONGEST_HIDE_MS}), sends = sends + 1\nwhere",
    "delete from workflow_outbox\nwhere",
  ),
  simulation(
    "context in the wrong order",
    "what a later step wrote is overwritten by an earlier one's",
    "adapters/libsql/fold.ts",
    "order by exit_order`,",
    "order by exit_order desc`,",
  ),
  simulation(
    "result dropped from the context",
    "a state is left and its result is not there for the next",
    "adapters/libsql/fold.ts",
    "branch = ?2 and exit_order > ?3\n",
    "branch = ?2 and exit_order > ?3 + 3\n",
  ),
  simulation(
    "dead workers not noticed",
    "steps of a worker that died stay with it",
    "adapters/libsql/leases.ts",
    "l.name = s.lease_owner and l.expires_at > ?1",
    "l.name = s.lease_owner",
  ),
  simulation(
    "what another process did is not seen",
    "a worker decides by what it remembers of a branch that another has moved on meanwhile",
    "adapters/libsql/load.ts",
    "if (known?.version === head.version) return",
    "if (known) return",
  ),
  simulation(
    "a lost call is made again",
    "a tool that must not be called twice is, because a worker died over it",
    "core/agent/next-move.ts",
    '?? "tell";',
    '?? "retry";',
  ),
  histories(
    "nobody keeps out",
    "who started a run approves it",
    "rights.ts",
    'if (self !== null) return { may: false, code: "self-approval", message: self };',
    "void self;",
  ),
  histories(
    "handed on and kept",
    "who has handed their voice on still decides",
    "rights.ts",
    "if (delegations.some(({ from }) => isSame(from, principal.id))) return null;",
    "void delegations;",
  ),
  histories(
    "programs decide",
    "a key that was not made for it decides",
    "rights.ts",
    'return isService(principal) && !mayDo(principal, "approvals:decide", environment).allowed;',
    "return false;",
  ),
  histories(
    "voices counted twice",
    "one person counts for two",
    "decide-approval.ts",
    "const before = standingVoice(open, principal.id);",
    "const before = null as ReturnType<typeof standingVoice> | null;",
  ),
  histories(
    "one voice is enough",
    "a quorum of two is reached by one",
    "tally.ts",
    "return given >= needed;",
    "return given >= needed - 1;",
  ),
  histories(
    "digest not compared",
    "what was shown is not what is decided",
    "decide-approval.ts",
    "if (digest !== null && digest !== open.digest)",
    "if (digest === 'never')",
  ),
  histories(
    "veto ignored",
    "a rejection by somebody with a veto is one voice of many",
    "decide-approval.ts",
    "return isReached(tally.rejections) || hasVeto(who, approval, environment);",
    "return isReached(tally.rejections);",
  ),
  histories(
    "closer not weighed",
    "credentials of before somebody left the team close a quorum",
    "decide-approval.ts",
    "const newest = isClosing ? standingRight(turn, decision, open, principal.id, command.standings) : null;",
    "const newest = null as Right | null;",
  ),
  histories(
    "lost group counts",
    "a voice counts for a team that its giver has left",
    "decide-approval.ts",
    'const lost = typeof quorum === "number" ? [] : as.filter((entry) => !right.as.includes(entry));',
    "const lost: readonly string[] = [];",
  ),
];
