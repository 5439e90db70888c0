import type { Definition } from "../../src/core/definition/types.ts";
import type { RunId } from "../../src/core/run/ids.ts";
import type { EventView } from "../../src/engine/ports/queries.ts";
import type { Ports } from "../../src/engine/ports.ts";
import { rerunRun } from "../../src/engine/rerun-run.ts";
import { startRun } from "../../src/engine/start-run.ts";
import { by } from "../support/people.ts";
import type { Chance } from "./random.ts";
import type { World } from "./world.ts";

/** Longer than any world lasts. */
const FOREVER = 1e12;

type Answer = Awaited<ReturnType<typeof rerunRun>>;

/** `key`: under which it is asked, and in whose name. */
type Request = { readonly key: string; readonly ask: (ports: Ports) => Promise<Answer> };

/** Programs that start runs and run them again, each with a key, and ask again as often as they hear nothing. */
export class Requests {
  readonly #chance: Chance;
  readonly #requests: readonly Request[];
  readonly #answers = new Map<string, Set<RunId>>();

  /**
   * Starts some of these workflows, and runs some of these runs again. `isShort`: runs do not stay for long, so that
   * nobody may ask for one by its name after hours, as no schedule does.
   */
  constructor(chance: Chance, definitions: ReadonlyMap<RunId, Definition>, isShort: boolean) {
    this.#chance = chance;
    const some = [...definitions].filter(() => chance.happens(0.4)).slice(0, 4);
    this.#requests = some.map(([runId, { id, states }], index) => {
      const key = `key${index}`;
      const asked = {
        by: by(`user:${key}`),
        once: { principal: key, key, requestHash: key, forMs: FOREVER },
      };
      const input = { seed: key, items: [key] };
      const workflow = { environment: "default", workflowId: id, input };
      const fromState = chance.pick(states).name;
      const kind = chance.pick(["start", "again", isShort ? "start" : "named"] as const);
      // As a schedule or a hook does, whose runs have the names of what they are for.
      const named = { ...workflow, by: asked.by, runId: `run_${key}_${runId}` as RunId };
      return {
        key,
        ask: (ports) => {
          switch (kind) {
            case "start":
              return startRun(ports, { ...workflow, ...asked });
            case "again":
              return rerunRun(ports, { runId, fromState, ...asked });
            case "named":
              return startRun(ports, named);
          }
        },
      };
    });
  }

  /** Now and then somebody asks, for the first time or again. */
  ask(world: World): void {
    if (this.#requests.length === 0 || !this.#chance.happens(0.02)) return;
    const { key, ask } = this.#chance.pick(this.#requests);
    world.asks(async (ports) => this.#heard(key, await ask(ports)));
  }

  /** Everybody asks once more, and hears what came of it. */
  async settle(world: World): Promise<void> {
    for (const { key, ask } of this.#requests) this.#heard(key, await ask(world.calmPorts));
  }

  /** Of each key there is one run at most: the one of which everybody was told. */
  check(histories: ReadonlyMap<RunId, readonly EventView[]>): void {
    for (const { key } of this.#requests) {
      const started = [...histories].flatMap(([runId, [created]]) =>
        created?.event.type === "run.created" && !created.event.calledBy && created.actor === `user:${key}`
          ? [runId]
          : [],
      );
      const told = [...(this.#answers.get(key) ?? [])];
      if (started.length > 1 || started.join() !== told.join())
        throw new Error(`${key} was told of ${told.join() || "no run"} and has ${started.join() || "none"}`);
    }
  }

  #heard(key: string, answer: Answer): void {
    if (answer.status === "key-reused") throw new Error(`${key} is said to be another's`);
    // Not there yet, switched off, gone to an archive for the time being, or never possible.
    if (answer.status !== "started") return;
    const told = this.#answers.get(key) ?? new Set();
    this.#answers.set(key, told.add(answer.runId));
  }
}
