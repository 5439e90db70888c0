import { createKeyRing } from "../../../src/engine/key-ring.ts";
import { type App, createApp } from "../../../src/http/app.ts";
import type { Approval } from "../../../src/http/schemas/approvals.ts";
import { admissionOf } from "../../../src/main/admission.ts";
import { describeProblems, loadConfig } from "../../../src/main/config.ts";
import { type Cast, HUMANS, KEY, type Person, type Setup } from "../../simulation/approvals/story.ts";
import { startOidcProvider } from "../../support/oidc-provider.ts";
import { person } from "../../support/people.ts";
import { type Made, makeHook } from "../http/hooks.ts";
import { createWorld, eventually, type World } from "../http/world.ts";

const CLIENT = { clientId: "station", clientSecret: "a secret of the client" };
const ROLES = "viewers=viewer,operators=operator,approvers=approver,admins=admin";

/** A whole Station that asks everybody who they are, as it is deployed, and its identity provider. */
export type Station = {
  readonly world: World;
  readonly app: App;
  readonly provider: Awaited<ReturnType<typeof startOidcProvider>>;
  /** Whatever it is told, it signals the run that it names. */
  readonly hook: Made;
  close(): Promise<void>;
};

export async function openStation(): Promise<Station> {
  const world = await createWorld({ works: true });
  const provider = await startOidcProvider(CLIENT);
  const keyRing = createKeyRing(world.ports);
  const loaded = loadConfig({
    HOST: "0.0.0.0",
    STATION_PUBLIC_URL: "https://station.test",
    STATION_OIDC_ISSUER: provider.issuer,
    STATION_OIDC_CLIENT_ID: CLIENT.clientId,
    STATION_OIDC_CLIENT_SECRET: CLIENT.clientSecret,
    STATION_OIDC_ROLES: ROLES,
  });
  if (!loaded.ok) throw new Error(describeProblems(loaded.problems));
  const admit = await admissionOf(loaded.config);
  const ports = { ...world.ports, ...admit(world.ports, keyRing), keyRing };
  const hook = await makeHook(world, {
    target: { type: "signal", run: "{{ body.run }}", signal: "ask", payload: { said: "{{ body.said }}" } },
  });
  return {
    world,
    app: createApp(ports, { mcp: { version: "1.2.3" } }),
    provider,
    hook,
    async close() {
      await keyRing.close();
      await provider.close();
      await world.close();
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
  readonly #tokens = new Map<string, string>();

  private constructor(
    station: Station,
    own: string,
    cast: Cast,
    asked: { readonly runId: string; readonly approval: Approval; readonly links: readonly string[] },
  ) {
    this.station = station;
    this.runId = asked.runId;
    this.approval = asked.approval;
    this.links = asked.links;
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
    const scene = new Scene(station, own, cast, { runId, approval, links });
    const { mayDecide } = cast.people[KEY] as Extract<Person, { kind: "key" }>;
    const scopes = [mayDecide ? "approvals:decide" : "runs:write"];
    const key = await world.post("/api/v1/keys", { name: `bot-${own}`, scopes });
    scene.#tokens.set(`${KEY}`, ((await key.json()) as { key: string }).key);
    await Promise.all(Array.from({ length: HUMANS }, (_, who) => scene.#vouchFor(who)));
    return scene;
  }

  /** The provider says something else of somebody, and they show themselves. */
  async moves(who: number): Promise<void> {
    const { app, world } = this.station;
    // The provider's word counts by the second.
    world.pass(1000);
    await this.#vouchFor(who);
    const headers = { authorization: `Bearer ${this.token(who, false)}` };
    const shown = await app.request("/api/v1/me", { headers });
    if (shown.status !== 200) throw new Error(await shown.text());
  }

  /** Gives somebody tokens, with their name in small letters and in capitals. */
  async #vouchFor(who: number): Promise<void> {
    const { provider, world } = this.station;
    const { teams, role } = this.#cast.people[who] as Extract<Person, { kind: "person" }>;
    const iat = Math.floor(world.ports.clock.now() / 1000);
    const groups = [...teams, `${role}s`];
    const address = nameIn(this.#own, who).slice("user:".length);
    const sign = (email: string) =>
      provider.sign({ email, email_verified: true, name: email, groups, iat, exp: iat + 86_400 });
    this.#tokens.set(`${who}`, await sign(address));
    this.#tokens.set(`${who}!`, await sign(address.toUpperCase()));
  }

  token(who: number, shouts: boolean): string {
    const token = this.#tokens.get(shouts && who !== KEY ? `${who}!` : `${who}`);
    if (token === undefined) throw new Error(`nobody gave ${who} a token`);
    return token;
  }

  nameOf(who: number): string {
    return nameIn(this.#own, who);
  }

  async now(): Promise<Approval> {
    const { approvalId } = this.approval;
    return this.station.world.client.getApproval({ params: { approvalId } });
  }
}

function nameIn(own: string, who: number): `user:${string}` {
  return who === KEY ? (`key:default/bot-${own}` as `user:${string}`) : `user:p${who}-${own}@example.com`;
}

function gate(own: string, setup: Setup): string {
  const { escalateAfterMinutes, isDelegable, isToolCall: _, approvers, veto, ...rest } = setup;
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
  const states = [ask, { name: "done", type: "inject", data: { ok: true }, end: true }];
  return JSON.stringify({ id: own, version: "1.0", name: own, states });
}
