import { isDeepStrictEqual } from "node:util";
import type { JsonObject } from "../../../src/core/json.ts";
import { createKeyRing } from "../../../src/engine/key-ring.ts";
import { type App, createApp } from "../../../src/http/app.ts";
import type { Approval } from "../../../src/http/schemas/approvals.ts";
import { admissionOf } from "../../../src/main/admission.ts";
import { describeProblems, loadConfig } from "../../../src/main/config.ts";
import { type Cast, HUMANS, KEY, type Person, type Setup } from "../../simulation/approvals/story.ts";
import { memoryTools, says } from "../../support/memory-tools.ts";
import { startOidcProvider } from "../../support/oidc-provider.ts";
import { person } from "../../support/people.ts";
import { type Made, makeHook } from "../http/hooks.ts";
import { createWorld, eventually, type World } from "../http/world.ts";
import { ASKED } from "./visits.ts";

export const PUBLIC = "https://station.test";
const CLIENT = { clientId: "station", clientSecret: "a secret of the client" };
const ROLES = "viewers=viewer,operators=operator,approvers=approver,admins=admin";

/** An agent that asks whom it must before it calls its tool. */
const prompts = ASKED.map(
  (approvers, index) => `---
model: station/script
metadata: { name: asks-${index}, description: Asks before it acts }
tools: [act]
approvals: { tools: [act], approvers: ${JSON.stringify(approvers)}, timeout: 1h }
script:
  - call: { tool: act, args: { of: "{{ input.task }}", how: shown } }
  - output: { ok: true }
---
Act.
`,
);

/** A whole Station that asks everybody who they are, as it is deployed, and its identity provider. */
export type Station = {
  readonly world: World;
  /** Whoever knocks comes to one of the processes, in turn. */
  readonly app: App;
  readonly provider: Awaited<ReturnType<typeof startOidcProvider>>;
  /** Whatever it is told, it signals the run that it names. */
  readonly hook: Made;
  /** What the agents' tool was called with. */
  readonly calls: readonly { readonly args: JsonObject }[];
  /** Time passes, for every process. */
  pass(ms: number): void;
  close(): Promise<void>;
};

/** In memory, or as so many processes on the database at `url`, of which one works. */
export async function openStation(at: { url: string; processes: number } | null = null): Promise<Station> {
  const provider = await startOidcProvider(CLIENT);
  const loaded = loadConfig({
    HOST: "0.0.0.0",
    STATION_PUBLIC_URL: PUBLIC,
    STATION_OIDC_ISSUER: provider.issuer,
    STATION_OIDC_CLIENT_ID: CLIENT.clientId,
    STATION_OIDC_CLIENT_SECRET: CLIENT.clientSecret,
    STATION_OIDC_ROLES: ROLES,
  });
  if (!loaded.ok) throw new Error(describeProblems(loaded.problems));
  const admit = await admissionOf(loaded.config);
  const { source: tools, calls } = memoryTools({ act: { does: () => says("done") } });
  const url = at === null ? {} : { url: at.url };
  const names = Array.from({ length: at?.processes ?? 1 }, (_, index) => `station-${index}`);
  const processes = await Promise.all(
    names.map(async (id) => {
      const world = await createWorld({ works: id === names[0], id, prompts, tools, ...url });
      const keyRing = createKeyRing(world.ports);
      const ports = { ...world.ports, ...admit(world.ports, keyRing), keyRing };
      return { world, keyRing, app: createApp(ports, { mcp: { version: "1.2.3" } }) };
    }),
  );
  const [{ world }, ...others] = processes as [(typeof processes)[number], ...typeof processes];
  // They have one queue: what the others commit the first one works at.
  for (const { world: other } of others)
    other.ports.store.outbox.onDispatch((messages) => void world.ports.queue.publish(messages));
  let asked = 0;
  const hook = await makeHook(world, {
    target: { type: "signal", run: "{{ body.run }}", signal: "ask", payload: { said: "{{ body.said }}" } },
  });
  return {
    world,
    get app() {
      return (processes[asked++ % processes.length] as (typeof processes)[number]).app;
    },
    provider,
    hook,
    calls,
    pass(ms) {
      for (const one of processes) one.world.pass(ms);
    },
    async close() {
      await Promise.all(processes.map(({ keyRing }) => keyRing.close()));
      await provider.close();
      await Promise.all(processes.map(({ world }) => world.close()));
    },
  };
}

let opened = 0;

/** A run at its gate, and everybody of the cast with credentials; nobody of another history is among them. */
export class Scene {
  readonly station: Station;
  readonly runId: string;
  readonly approval: Approval;
  readonly links: readonly string[];
  readonly #own: string;
  readonly #cast: Cast;
  /** What everybody shows, by name: tokens and sessions of now, and of before they moved last. */
  #now: Shown = { tokens: new Map(), sessions: new Map() };
  readonly #before = new Map<number, Shown>();
  readonly isToolCall: boolean;

  private constructor(
    station: Station,
    own: string,
    cast: Cast,
    asked: {
      readonly runId: string;
      readonly approval: Approval;
      readonly links: readonly string[];
      readonly isToolCall: boolean;
    },
  ) {
    this.station = station;
    this.runId = asked.runId;
    this.approval = asked.approval;
    this.links = asked.links;
    this.isToolCall = asked.isToolCall;
    this.#own = own;
    this.#cast = cast;
  }

  /** `p1` writes the workflow and `p0` starts it; three links are made, the last for `p3`. */
  static async open(station: Station, setup: Setup, cast: Cast): Promise<Scene> {
    const { world } = station;
    const own = `h${++opened}`;
    const by = (who: number) => world.by(person(nameIn(own, who), { roles: ["admin"] }));
    const published = await world.post("/api/v1/workflows", { definition: gate(own, setup) }, by(1));
    if (published.status !== 201) throw new Error(await published.text());
    const started = await world.post("/api/v1/workflow-runs", { workflowId: own }, by(0));
    const { runId } = (await started.json()) as { runId: string };
    const approval = await eventually(
      async () => (await world.client.listRunApprovals({ params: { runId } })).items[0],
    );
    const path = `/api/v1/workflow-approvals/${approval.approvalId}/links`;
    const link = async (body: object) =>
      ((await (await world.post(path, body)).json()) as { token: string }).token;
    const links = await Promise.all([link({}), link({}), link({ to: nameIn(own, 3) })]);
    const scene = new Scene(station, own, cast, { runId, approval, links, isToolCall: setup.isToolCall });
    const { mayDecide } = cast.people[KEY] as Extract<Person, { kind: "key" }>;
    const scopes = [mayDecide ? "approvals:decide" : "runs:write"];
    const key = await world.post("/api/v1/keys", { name: `bot-${own}`, scopes });
    scene.#now.tokens.set(`${KEY}`, ((await key.json()) as { key: string }).key);
    await Promise.all(Array.from({ length: HUMANS }, (_, who) => scene.#vouchFor(who)));
    return scene;
  }

  /** The provider says something else of somebody, and they show themselves. */
  async moves(who: number): Promise<void> {
    const { app, provider } = this.station;
    const { tokens, sessions } = this.#now;
    this.#before.set(who, { tokens: new Map(tokens), sessions: new Map(sessions) });
    for (const name of namesFor(who)) sessions.delete(name);
    // The provider's word counts by the second.
    this.station.pass(1000);
    await this.#vouchFor(who);
    for (const shouts of [false, true]) {
      const claims = this.#claims(who, shouts);
      provider.directory.set(claims.email, claims);
    }
    const headers = { authorization: `Bearer ${this.#token(who, false)}` };
    const shown = await app.request(`${PUBLIC}/api/v1/me`, { headers });
    if (shown.status !== 200) throw new Error(await shown.text());
  }

  /** Time passes; after an hour everybody logs in anew. */
  waits(minutes: number): void {
    this.station.pass(minutes * 60_000);
    if (minutes < 60) return;
    for (const { sessions } of [this.#now, ...this.#before.values()]) sessions.clear();
  }

  /** Somebody opens a browser and logs in, unless they have. */
  async comes(who: number, shouts: boolean): Promise<void> {
    const name = nameFor(who, shouts);
    if (who !== KEY && !this.#now.sessions.has(name))
      this.#now.sessions.set(name, await this.logIn(who, shouts));
  }

  /** A new session's cookie. A program has no browser: somebody else has. */
  async logIn(who: number, shouts: boolean): Promise<string> {
    const { station } = this;
    station.provider.is(this.#claims(who === KEY ? 2 : who, shouts));
    const begun = await station.app.request(`${PUBLIC}/auth/login`);
    const [attempt = ""] = begun.headers.getSetCookie().map((one) => one.split(";")[0] ?? "");
    const back = await fetch(begun.headers.get("location") ?? "", { redirect: "manual" });
    const { pathname, search } = new URL(back.headers.get("location") ?? "");
    const arrived = await station.app.request(`${PUBLIC}${pathname}${search}`, {
      headers: { cookie: attempt },
    });
    const session = arrived.headers.getSetCookie().find((one) => one.startsWith("__Host-stn="));
    if (session === undefined) throw new Error(`not let in: ${arrived.status} ${await arrived.text()}`);
    return session.split(";")[0] ?? "";
  }

  /** What a request shows of who sends it. */
  shownBy({
    who,
    shouts,
    isOld,
    byBrowser,
  }: Showing & { readonly byBrowser: boolean }): Record<string, string> {
    const { sessions } = (isOld && this.#before.get(who)) || this.#now;
    const cookie = byBrowser ? sessions.get(nameFor(who, shouts)) : undefined;
    if (cookie !== undefined) return { cookie, origin: PUBLIC };
    return { authorization: `Bearer ${this.token({ who, shouts, isOld })}` };
  }

  token({ who, shouts, isOld }: Showing): string {
    const before = isOld ? this.#before.get(who)?.tokens.get(nameFor(who, shouts)) : undefined;
    return before ?? this.#token(who, shouts);
  }

  #token(who: number, shouts: boolean): string {
    const token = this.#now.tokens.get(nameFor(who, shouts));
    if (token === undefined) throw new Error(`nobody gave ${who} a token`);
    return token;
  }

  /** Gives somebody tokens, with their name in small letters and in capitals. */
  async #vouchFor(who: number): Promise<void> {
    const { provider } = this.station;
    for (const shouts of [false, true])
      this.#now.tokens.set(nameFor(who, shouts), await provider.sign(this.#claims(who, shouts)));
  }

  /** What the provider says of somebody. */
  #claims(who: number, shouts: boolean) {
    const { teams, role } = this.#cast.people[who] as Extract<Person, { kind: "person" }>;
    const iat = Math.floor(this.station.world.ports.clock.now() / 1000);
    const address = nameIn(this.#own, who).slice("user:".length);
    const email = shouts ? address.toUpperCase() : address;
    return {
      email,
      email_verified: true,
      name: email,
      groups: [...teams, `${role}s`],
      iat,
      exp: iat + 86_400,
    };
  }

  /** What the tool would be called with, or something else. */
  argsOf(which: "shown" | "other"): JsonObject {
    return { of: this.#own, how: which };
  }

  /** What the tool was called with for this run. */
  calls(): readonly JsonObject[] {
    return this.station.calls.map(({ args }) => args).filter((args) => args["of"] === this.#own);
  }

  nameOf(who: number): string {
    return nameIn(this.#own, who);
  }

  async now(): Promise<Approval> {
    const { approvalId } = this.approval;
    return this.station.world.client.getApproval({ params: { approvalId } });
  }
}

type Showing = { readonly who: number; readonly shouts: boolean; readonly isOld: boolean };
type Shown = { readonly tokens: Map<string, string>; readonly sessions: Map<string, string> };

function nameFor(who: number, shouts: boolean): string {
  return shouts && who !== KEY ? `${who}!` : `${who}`;
}

function namesFor(who: number): readonly string[] {
  return [nameFor(who, false), nameFor(who, true)];
}

function nameIn(own: string, who: number): `user:${string}` {
  return who === KEY ? (`key:default/bot-${own}` as `user:${string}`) : `user:p${who}-${own}@example.com`;
}

function gate(own: string, setup: Setup): string {
  const { escalateAfterMinutes, isDelegable, isToolCall, approvers, veto, ...rest } = setup;
  const named = (names: readonly string[]) =>
    names.map((name) =>
      name.startsWith("user:p")
        ? nameIn(own, Number(name.at(-1)))
        : name.replace("key:bot", `key:bot-${own}`),
    );
  const ask = {
    name: "ask",
    type: "approval",
    message: "Go?",
    ...rest,
    ...(approvers.length > 0 && { approvers: named(approvers) }),
    ...(veto.length > 0 && { veto: named(veto) }),
    allowDelegation: isDelegable,
    timeout: "1h",
    ...(escalateAfterMinutes !== null && {
      escalate: [{ after: `${escalateAfterMinutes}m`, to: [nameIn(own, 5)] }],
    }),
    next: "done",
  };
  const agent = `asks-${ASKED.findIndex((asked) => isDeepStrictEqual(asked, approvers))}`;
  const act = { name: "ask", type: "agent", agent, task: own, next: "done" };
  const states = [isToolCall ? act : ask, { name: "done", type: "inject", data: { ok: true }, end: true }];
  return JSON.stringify({ id: own, version: "1.0", name: own, states });
}
