import { isDeepStrictEqual } from "node:util";
import { type Expected, Model } from "../../simulation/approvals/model.ts";
import { type Cast, KEY, type Person, type Setup } from "../../simulation/approvals/story.ts";
import { eventually } from "../http/world.ts";
import { bodyOf, handOver, hasArgs, knock, tryAnyway } from "./doors.ts";
import { Scene, type Station } from "./station.ts";
import type { Door, History, Say, Stranger } from "./visits.ts";

/** What was tried, by door. */
export type Told = Record<Door | "delegate", { accepted: number; refused: number }> &
  Record<Stranger, number> & {
    races: number;
    histories: number;
    /** What was said by browsers. */
    browsers: number;
    /** Tools that were called because somebody approved. */
    calls: number;
  };

/** What the model holds of a history: the approval, and what was used up by which decision. */
type State = {
  readonly model: Model;
  readonly used: Map<string, string>;
  /** With which arguments the tool is to be called. */
  args: Say["args"];
};

const HOUR = 60;
const LINKS_FOR: readonly (number | null)[] = [null, null, 3];

/** Plays a history through a Station by its doors and through the model; throws where they do not agree. */
export async function play(station: Station, { setup, people, visits }: History, told: Told) {
  const cast: Cast = { people: [...people], before: new Map() };
  const scene = await Scene.open(station, setup, cast);
  let state: State = { model: new Model(setup, cast), used: new Map(), args: null };
  let minutes = 0;
  const isLate = () => minutes >= HOUR;
  for (const visit of visits) {
    switch (visit.act) {
      case "say": {
        for (const { who, shouts, byBrowser } of visit.says) if (byBrowser) await scene.comes(who, shouts);
        const answers = await Promise.all(visit.says.map((said) => knock(scene, said)));
        state = await explained(scene, state, visit.says, answers, isLate());
        told.browsers += visit.says.filter(({ byBrowser, door }) => byBrowser && door !== "cli").length;
        for (const [index, { door }] of visit.says.entries())
          told[door][answers[index] === "accepted" ? "accepted" : "refused"]++;
        if (answers.length > 1 && new Set(answers).size > 1) told.races++;
        continue;
      }
      case "delegate": {
        const answer = await handOver(scene, visit.who, visit.to, visit.byCli);
        const expected = codeOf(state.model.delegate(visit.who, visit.to, isLate()));
        if (answer !== expected)
          throw new Error(`${JSON.stringify(visit)}: ${answer}, the model says ${expected}`);
        told.delegate[answer === "accepted" ? "accepted" : "refused"]++;
        break;
      }
      case "stranger":
        await tryAnyway(scene, visit.stranger, visit.say);
        told[visit.stranger]++;
        break;
      case "moves":
        cast.before.set(visit.who, cast.people[visit.who] as Person);
        cast.people[visit.who] = { kind: "person", teams: visit.teams, role: visit.role };
        await scene.moves(visit.who);
        break;
      case "wait":
        minutes += visit.minutes;
        scene.waits(visit.minutes);
        if (setup.escalateAfterMinutes !== null && state.model.status === "open" && !isLate()) {
          await eventually(async () => (await scene.now()).escalations[0]?.hasHappened);
          state.model.escalate();
        }
    }
    const difference = await differenceTo(scene, state.model, isLate());
    if (difference !== null) throw new Error(`after ${JSON.stringify(visit)}: ${difference}`);
  }
  await checkTrail(scene, state, setup);
  told.histories++;
  told.calls += scene.calls().length;
}

/** Finds an order in which the model gives the same answers and comes to the same end. */
async function explained(
  scene: Scene,
  before: State,
  says: readonly Say[],
  answers: readonly string[],
  isLate: boolean,
): Promise<State> {
  const faults: string[] = [];
  for (const order of orders(says.map((_, index) => index))) {
    const state = { ...before, model: before.model.copy(), used: new Map(before.used) };
    const expected = order.map((index) => answerOf(scene, state, says[index] as Say, isLate));
    const got = order.map((index) => answers[index]);
    const fault = isDeepStrictEqual(expected, got)
      ? await differenceTo(scene, state.model, isLate)
      : `in the order ${order}: ${got}, the model says ${expected}`;
    if (fault === null) return state;
    faults.push(fault);
  }
  throw new Error(`${JSON.stringify(says)}\n${faults.join("\n")}`);
}

/** What the model answers; the rules that only a door has come first. */
function answerOf(scene: Scene, state: State, said: Say, isLate: boolean): string {
  const { model, used } = state;
  const { who, verb, door } = said;
  const to = LINKS_FOR[said.link] ?? null;
  if (door === "link" && to !== null && to !== who) return "link-invalid";
  // A link lives no longer than what it is for.
  if (door === "link" && isLate) return "link-expired";
  const name = said.shouts && who !== KEY ? `${who}!` : `${who}`;
  const isKeyed = door === "api" && said.key !== null;
  const once = door === "link" ? `link ${said.link}` : isKeyed ? `key ${name} ${said.key}` : null;
  const asked =
    door === "link" ? `${name} ${verb} ${said.args}` : JSON.stringify([verb, bodyOf(scene, said)]);
  const earlier = once === null ? undefined : used.get(once);
  if (earlier !== undefined)
    return earlier === asked ? "accepted" : door === "link" ? "link-used" : "idempotency-key-reused";
  // The command line has no way to name another question than the one it shows.
  const isDigestWrong = said.isDigestWrong && door !== "cli";
  const code = codeOf(
    model.decide(
      who,
      verb,
      { hasReason: said.hasReason, isDigestWrong, knowsAll: true, isOld: said.isOld, hasArgs: hasArgs(said) },
      isLate,
    ),
  );
  if (code === "accepted" && once !== null) used.set(once, asked);
  if (code === "accepted" && hasArgs(said)) state.args = said.args;
  return code;
}

function codeOf(expected: Expected): string {
  switch (expected) {
    case "voted":
    case "approved":
    case "rejected":
    case "delegated":
      return "accepted";
    case "reason-required":
      return "validation";
    default:
      return expected;
  }
}

async function differenceTo(scene: Scene, model: Model, isLate: boolean): Promise<string | null> {
  const { status, decisions } = await scene.now();
  const isOver = isLate && model.status === "open";
  const allowed = isOver
    ? ["PENDING", "EXPIRED"]
    : model.status === "open"
      ? ["PENDING"]
      : [model.status.toUpperCase()];
  if (!allowed.includes(status)) return `it is ${status}, in the model ${model.status}`;
  const voices = decisions.map(
    ({ by, decision, voided }) => `${voided === null ? "" : "void "}${decision} ${by.toLowerCase()}`,
  );
  const expected = model.voices.map(
    ({ who, verb, isVoid }) => `${isVoid ? "void " : ""}${verb} ${scene.nameOf(who)}`,
  );
  if (!isDeepStrictEqual(voices, expected))
    return `voices ${voices.join(", ")}; the model has ${expected.join(", ")}`;
  const counted = decisions.filter(({ voided }) => voided === null).map(({ by }) => by.toLowerCase());
  return new Set(counted).size === counted.length ? null : `somebody counts twice: ${counted.join(", ")}`;
}

/**
 * The trail: it was closed once, by somebody of the cast, by a door for decisions, and the run went on once. An agent's tool
 * was called once and with exactly what was approved, or not at all.
 */
async function checkTrail(scene: Scene, { model, args }: State, { isToolCall }: Setup): Promise<void> {
  const { client } = scene.station.world;
  const { runId } = scene;
  const isDecided = model.status === "approved" || model.status === "rejected";
  if (isDecided)
    await eventually(async () => (await client.getRun({ params: { runId } })).finishedAt !== null);
  const run = await client.getRun({ params: { runId } });
  const { items } = await client.listEvents({ params: { runId }, query: { limit: 500 } });
  // An agent that was told no goes on without.
  const ends = { approved: "COMPLETED", rejected: isToolCall ? "COMPLETED" : "FAILED" } as const;
  if (isDecided && run.status !== ends[model.status as keyof typeof ends])
    throw new Error(`${model.status}, and the run is ${run.status}`);
  const closing = items.filter(({ type }) => /^approval\.(approved|rejected|expired)$/.test(type));
  if (closing.length > 1) throw new Error(`consumed ${closing.length} times`);
  const expected = model.status === "approved" && isToolCall ? [scene.argsOf(args ?? "shown")] : [];
  if (!isDeepStrictEqual(scene.calls(), expected))
    throw new Error(`called with ${JSON.stringify(scene.calls())}, approved ${JSON.stringify(expected)}`);
  const voices = items.filter(({ type }) => /^approval\.(voted|approved|rejected)$/.test(type));
  if (voices.length !== model.voices.length)
    throw new Error(`${voices.length} voices on the trail, ${model.voices.length} in the model`);
  for (const [index, { actor, channel }] of voices.entries()) {
    const name = scene.nameOf(model.voices[index]?.who ?? -1);
    if (actor.toLowerCase() !== name || !["api", "ui", "cli", "link", "bulk"].includes(channel))
      throw new Error(`${name} spoke, on the trail it is ${actor} by ${channel}`);
  }
}

function orders(of: readonly number[]): readonly (readonly number[])[] {
  if (of.length < 2) return [of];
  return of.flatMap((first) => orders(of.filter((one) => one !== first)).map((rest) => [first, ...rest]));
}
