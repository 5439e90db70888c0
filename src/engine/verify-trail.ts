import { hash } from "node:crypto";
import { approvalsTold, differencesBetween } from "../core/audit/approvals-told.ts";
import type { SealedText } from "../core/audit/chain.ts";
import { type Fault, fault } from "../core/audit/fault.ts";
import { AdministrationCheck } from "../core/audit/verify-administration.ts";
import { CheckpointCheck, type Trust } from "../core/audit/verify-checkpoints.ts";
import { type CheckpointedHead, type KeptSeal, RunCheck } from "../core/audit/verify-run.ts";
import { definitionDigest } from "../core/definition/canonical.ts";
import type { Definition } from "../core/definition/types.ts";
import type { KeptDefinition, Trail } from "./ports/audit.ts";

/** What was looked at. */
export type Verified = {
  readonly faults: readonly Fault[];
  readonly runs: number;
  readonly events: number;
  /** Events that have no seal yet: they came in the last moments. */
  readonly unsealed: number;
  /** Runs that are not there any more, as an administrative event tells. */
  readonly removed: number;
  readonly administration: number;
  readonly checkpoints: number;
  /** How many of them are signed, by the key's fingerprint. */
  readonly signed: ReadonlyMap<string, number>;
  /** Versions of workflows, and how many of them were published before that was told. */
  readonly versions: number;
  readonly untold: number;
};

const PAGE = 4000;
const LARGE_PAGE = 20;

/** Reads the whole audit trail and finds what is not as it was kept: the first thing wrong with each run. */
export async function verifyTrail(trail: Trail, trust: Trust, page = PAGE): Promise<Verified> {
  const faults: Fault[] = [];
  const sealedUpTo = await trail.sealedUpTo();
  const administration = new AdministrationCheck();
  const told = async () => {
    for (;;) {
      const events = await trail.administration(administration.count, page);
      for (const event of events) {
        const found = administration.take(event);
        if (found) faults.push(found);
      }
      if (events.length < page) return;
    }
  };
  await told();
  const { count, signed, doubtful, ...checkpoints } = await checkCheckpoints(trail, trust, administration);
  const payloads = await checkPayloads(trail);
  const runs = await checkRuns(trail, {
    administration,
    doubtful,
    payloads: payloads.known,
    sealedUpTo,
    page,
  });
  // A run may have been removed while all this was read.
  await told();
  const lost = runs.missing.filter(
    ({ subject, upTo, seq }) => !administration.isRemoved(subject, upTo ?? seq ?? 0),
  );
  const approvals = await checkApprovals(trail, runs.asked, administration);
  const strays = await trail.strays();
  const definitions = checkDefinitions(await trail.definitions(), runs.started, administration);
  return {
    // Of a trail that is all wrong there are more than a call takes arguments.
    faults: [
      ...faults,
      ...checkpoints.faults,
      ...payloads.faults,
      ...lost,
      ...runs.faults,
      ...approvals,
      ...strays.map((runId) =>
        fault("run", runId, "there is a run without events, or events without their run"),
      ),
      ...definitions.faults,
    ],
    runs: runs.count,
    events: runs.events,
    unsealed: runs.unsealed,
    removed: runs.missing.length - lost.length,
    administration: administration.count,
    checkpoints: count,
    signed,
    versions: definitions.count,
    untold: definitions.untold,
  };
}

async function checkCheckpoints(trail: Trail, trust: Trust, administration: AdministrationCheck) {
  const check = new CheckpointCheck(trust, (position) => administration.hashAt(position));
  const faults: Fault[] = [];
  /** Those whose heads nothing vouches for. */
  const doubtful = new Set<number>();
  for (let after = 0; ; ) {
    const some = await trail.checkpoints(after, PAGE);
    for (const kept of some) {
      const found = check.take(kept, await trail.headsOf(kept.number));
      if (found.some(({ kind }) => kind === "checkpoint")) doubtful.add(kept.number);
      faults.push(...found);
    }
    const last = some.at(-1);
    if (!last) break;
    after = last.number;
  }
  const ended = check.end();
  return { ...ended, faults: [...faults, ...ended.faults], doubtful };
}

async function checkPayloads(trail: Trail) {
  const faults: Fault[] = [];
  const known = new Set<string>();
  let after = { runId: "", hash: "" };
  for (;;) {
    const some = await trail.payloads(after, LARGE_PAGE);
    for (const { runId, hash: name, body } of some) {
      known.add(`${runId} ${name}`);
      if (hash("sha256", body) !== name)
        faults.push(fault("payload", runId, `a value that an event refers to was changed: ${name}`));
    }
    const last = some.at(-1);
    if (!last) return { faults, known };
    after = last;
  }
}

type RunContext = {
  readonly administration: AdministrationCheck;
  readonly doubtful: ReadonlySet<number>;
  readonly payloads: ReadonlySet<string>;
  readonly sealedUpTo: number;
  readonly page: number;
};

/** A run that began: its first event's word on what it was started with. */
type Started = { readonly runId: string; readonly version: string; readonly definition: string | null };

async function checkRuns(trail: Trail, context: RunContext) {
  const { administration, doubtful, payloads, sealedUpTo, page } = context;
  const faults: Fault[] = [];
  const missing: Fault[] = [];
  const started = new Map<string, Started>();
  /** The runs of the approvals that events tell of. */
  const asked = new Map<string, string>();
  let [count, events, unsealed] = [0, 0, 0];
  let check: RunCheck | null = null;
  const finish = (done: RunCheck | null) => {
    const found = done?.end();
    if (found) faults.push(found);
  };
  let after = { runId: "", seq: 0 };
  for (;;) {
    const read = await trail.events(after, page);
    const vouchers = new VouchersByRun(
      read.seals,
      read.heads.filter(({ checkpoint }) => !doubtful.has(checkpoint)),
    );
    for (const event of read.events) {
      const { runId, spilled } = event;
      if (check?.runId !== runId) {
        finish(check);
        count++;
        const isPurged = administration.isPurged(runId);
        check = new RunCheck(runId, { ...vouchers.take(runId), isPurged });
        const first = startedBy(event);
        if (first && !started.has(`${first.version} ${first.definition}`))
          started.set(`${first.version} ${first.definition}`, first);
      }
      if (event.type === "approval.requested") {
        const id = approvalIn(event);
        if (id !== null) asked.set(id, runId);
      }
      const isDue = event.position <= sealedUpTo;
      if (!isDue) unsealed++;
      check.take(event, isDue);
      if (spilled !== null && !administration.isPurged(runId)) {
        const lost = lostPayload(event, payloads);
        if (lost !== null) faults.push(lost);
      }
    }
    events += read.events.length;
    for (const { runId, seq, checkpoint } of vouchers.left()) {
      const by = checkpoint === null ? "its seals say" : `checkpoint ${checkpoint} says`;
      const message = `the run is missing: ${by} that it had ${seq} events`;
      missing.push(fault("run", runId, message, { seq: 1, upTo: seq }));
    }
    const last = read.events.at(-1);
    if (!last || read.events.length < page) break;
    after = last;
  }
  finish(check);
  return { faults, missing, started: [...started.values()], asked, count, events, unsealed };
}

const APPROVALS_PAGE = 200;

/** Compares approvals as they are kept with what the events tell of them. */
async function checkApprovals(
  trail: Trail,
  asked: ReadonlyMap<string, string>,
  administration: AdministrationCheck,
): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  const missing = new Map(asked);
  for (let after = ""; ; ) {
    const some = await trail.approvals(after, APPROVALS_PAGE);
    for (const { runId, approval, told } of some) {
      missing.delete(approval.id);
      if (administration.isPurged(runId)) continue;
      const known = approvalsTold(told).get(approval.id);
      const fields = known ? differencesBetween(approval, known) : ["all of it"];
      if (fields.length === 0) continue;
      const message = `approval ${approval.id} is not what the events tell: ${fields.join(", ")}`;
      faults.push(fault("approval", runId, message, { fields }));
    }
    const last = some.at(-1);
    if (!last) break;
    after = last.approval.id;
  }
  for (const [id, runId] of missing)
    faults.push(fault("approval", runId, `approval ${id} is missing, of which the events tell`));
  return faults;
}

function approvalIn({ data }: SealedText): string | null {
  try {
    const id: unknown = JSON.parse(data).approval?.id;
    return typeof id === "string" ? id : null;
  } catch {
    // Changed or purged: the chain says which.
    return null;
  }
}

/** A page's seals and heads, run by run. */
class VouchersByRun {
  readonly #seals: Map<string, KeptSeal[]>;
  readonly #heads: Map<string, CheckpointedHead[]>;

  constructor(
    seals: readonly (KeptSeal & { readonly runId: string })[],
    heads: readonly (CheckpointedHead & { readonly runId: string })[],
  ) {
    this.#seals = Map.groupBy(seals, ({ runId }) => runId);
    this.#heads = Map.groupBy(heads, ({ runId }) => runId);
  }

  take(runId: string): { readonly seals: readonly KeptSeal[]; readonly heads: readonly CheckpointedHead[] } {
    const found = { seals: this.#seals.get(runId) ?? [], heads: this.#heads.get(runId) ?? [] };
    this.#seals.delete(runId);
    this.#heads.delete(runId);
    return found;
  }

  /** Of the runs that were not taken: how many events each had. */
  left(): readonly { readonly runId: string; readonly seq: number; readonly checkpoint: number | null }[] {
    return [...new Set([...this.#seals.keys(), ...this.#heads.keys()])].map((runId) => {
      const head = this.#heads.get(runId)?.at(-1);
      const seal = this.#seals.get(runId)?.at(-1);
      return { runId, seq: Math.max(head?.seq ?? 0, seal?.seq ?? 0), checkpoint: head?.checkpoint ?? null };
    });
  }
}

function startedBy({ runId, type, data }: SealedText): Started | null {
  if (type !== "run.created") return null;
  try {
    const { workflow, definition } = JSON.parse(data);
    const { environment, id, version } = workflow;
    return { runId, version: nameOf({ environment, id, version }), definition: definition ?? null };
  } catch {
    // Changed or purged: the chain says which.
    return null;
  }
}

/** What stands in an event for a large value. */
const REFERENCE = /^@([0-9a-f]{64})$/;

function lostPayload({ runId, seq, data, spilled }: SealedText, known: ReadonlySet<string>): Fault | null {
  try {
    const fields = JSON.parse(data);
    const lost = (spilled ?? "").split(",").find((field) => {
      const reference = REFERENCE.exec(String(fields[field]));
      return reference !== null && !known.has(`${runId} ${reference[1]}`);
    });
    if (lost === undefined) return null;
    const message = `the value of ${lost} that event ${seq} refers to is missing`;
    return fault("payload", runId, message, { seq, fields: [lost] });
  } catch {
    // Changed: the chain says so.
    return null;
  }
}

function nameOf({
  environment,
  id,
  version,
}: Pick<KeptDefinition, "environment" | "id" | "version">): string {
  return `${environment}/${id} v${version}`;
}

function checkDefinitions(
  kept: readonly KeptDefinition[],
  started: readonly Started[],
  administration: AdministrationCheck,
) {
  const faults: Fault[] = [];
  const digests = new Map<string, string | null>();
  let untold = 0;
  for (const { environment, id, version, definition, source } of kept) {
    const name = nameOf({ environment, id, version });
    const digest = digestOf(definition);
    digests.set(name, digest);
    const published = administration.published(`workflow:${environment}/${id}`, version);
    if (published === null) untold++;
    else if (published.definition !== digest)
      faults.push(fault("definition", name, `the definition of ${name} is not what was published`));
    else if (published.source !== hash("sha256", source))
      faults.push(fault("definition", name, `the source of ${name} is not what was published`));
  }
  for (const { runId, version, definition } of started) {
    const digest = digests.get(version);
    const subject = `workflow:${version.slice(0, version.lastIndexOf(" "))}`;
    if (digest === undefined) {
      if (!administration.isWorkflowRemoved(subject))
        faults.push(
          fault("definition", version, `${version} is missing, with which run ${runId} was started`),
        );
    } else if (definition !== null && definition !== digest)
      faults.push(fault("definition", version, `${version} is not what run ${runId} was started with`));
  }
  return { faults, count: kept.length, untold };
}

function digestOf(definition: string): string | null {
  try {
    return definitionDigest(JSON.parse(definition) as Definition);
  } catch {
    // No digest is like this one.
    return null;
  }
}
