import type { BatchResult } from "../../../src/http/schemas/approvals.ts";
import { stnFor } from "../cli/stn.ts";
import { deliver, github } from "../http/hooks.ts";
import { PUBLIC, type Scene } from "./station.ts";
import type { Say, Stranger } from "./visits.ts";

const WRONG = "0".repeat(64);
/** Whatever a request says of itself: none of it makes anybody somebody. */
const FORGED = {
  "x-approver": "user:root",
  "x-station-approver": "user:root",
  "x-forwarded-user": "user:root",
  "x-test-caller": "user:root",
};

/** Says it by its door; `accepted`, or the code of the refusal. */
export async function knock(scene: Scene, said: Say): Promise<string> {
  const { approvalId } = scene.approval;
  const body = bodyOf(scene, said);
  switch (said.door) {
    case "api": {
      const key = said.key === null ? {} : { "idempotency-key": `k${said.key}` };
      return codeOf(await post(scene, said, `/workflow-approvals/${approvalId}/${said.verb}`, body, key));
    }
    case "run": {
      const path = `/workflow-runs/${scene.runId}/approvals/${approvalId}/${said.verb}`;
      return codeOf(await post(scene, said, path, body));
    }
    case "link": {
      const link = linkOf(scene, said);
      const page = await request(scene, said, "GET", `/approval-links/${link}`);
      if (page.status !== 200) throw new Error(`the page of a link: ${await page.text()}`);
      const path = `/workflow-approvals/${approvalId}/${said.verb}`;
      return codeOf(await post(scene, said, path, { ...body, link }));
    }
    case "batch":
      return batch(scene, said, false);
    case "cli": {
      const reason = said.hasReason ? ["-m", "because"] : said.verb === "reject" ? ["-m", ""] : [];
      const args = hasArgs(said) ? ["--args", JSON.stringify(scene.argsOf(said.args ?? "shown"))] : [];
      return stn(scene, said, [said.verb, approvalId, ...reason, ...args]);
    }
  }
}

/** What the API is sent; under one idempotency key it must stay the same. */
export function bodyOf(scene: Scene, said: Say): object {
  const { args, door } = said;
  return { ...choiceOf(scene, said), ...(args !== null && door !== "batch" && { args: scene.argsOf(args) }) };
}

function choiceOf(scene: Scene, { hasReason, isDigestWrong, sendsDigest }: Say): object {
  return {
    ...(hasReason && { comment: "because" }),
    ...(isDigestWrong ? { digest: WRONG } : sendsDigest && { digest: scene.approval.digest }),
  };
}

/** True where what somebody says comes with arguments: a batch takes none, and no command to reject. */
export function hasArgs({ args, door, verb }: Say): boolean {
  return args !== null && door !== "batch" && !(door === "cli" && verb === "reject");
}

export async function handOver(scene: Scene, who: number, to: number, byCli: boolean): Promise<string> {
  const { approvalId } = scene.approval;
  const caller = { who, shouts: false, isOld: false, byBrowser: false };
  if (byCli) return stn(scene, caller, ["approvals", "delegate", approvalId, "--to", scene.nameOf(to)]);
  const body = { to: scene.nameOf(to) };
  return codeOf(await post(scene, caller, `/workflow-approvals/${approvalId}/delegate`, body));
}

/** Tries what can never decide; throws when it is told that it did. */
export async function tryAnyway(scene: Scene, stranger: Stranger, said: Say): Promise<void> {
  const { approvalId } = scene.approval;
  const path = `/workflow-approvals/${approvalId}/${said.verb}`;
  const none = (token: string | null, body: object) =>
    send(scene, "POST", path, token === null ? {} : { authorization: `Bearer ${token}` }, body);
  switch (stranger) {
    case "nobody":
      return mustBe("unauthenticated", await codeOf(await none(null, bodyOf(scene, said))));
    case "forged":
      return mustBe("unauthenticated", await codeOf(await none(forged(scene, said), bodyOf(scene, said))));
    case "link-alone": {
      const link = linkOf(scene, said);
      mustBe("unauthenticated", await codeOf(await send(scene, "GET", `/approval-links/${link}`, {})));
      mustBe("unauthenticated", await codeOf(await none(null, { link })));
      return mustBe("unauthenticated", await codeOf(await none(link, { link })));
    }
    case "mcp": {
      const { runId } = scene;
      const decision = { approvalId, runId, decision: said.verb, comment: "because" };
      for (const name of [said.verb, "decide", `${said.verb}InRun`, "decideApprovals", "run_ask"])
        if (!(await tool(scene, said, name, decision)).includes('"isError":true'))
          throw new Error(`the tool ${name} did something`);
      await tool(scene, said, "signal", { runId, name: "ask", payload: decision });
      await tool(scene, said, "signal", { runId, name: approvalId, payload: decision });
      return;
    }
    case "hook": {
      const { hook, world } = scene.station;
      const body = JSON.stringify({ run: scene.runId, said: said.verb, approvalId, by: scene.nameOf(2) });
      await deliver(world, hook.path, body, github(hook.secret, body));
      // Its secret opens nothing else.
      return mustBe("unauthenticated", await codeOf(await none(hook.secret, bodyOf(scene, said))));
    }
    case "dry-run":
      await batch(scene, said, true);
      return;
    case "foreign-page": {
      const cookie = await scene.logIn(said.who, false);
      const headers = { cookie, origin: "https://evil.example" };
      return mustBe("forbidden", await codeOf(await send(scene, "POST", path, headers, bodyOf(scene, said))));
    }
    case "logged-out": {
      const cookie = await scene.logIn(said.who, false);
      const out = await scene.station.app.request(`${PUBLIC}/auth/logout`, {
        method: "POST",
        headers: { cookie, origin: PUBLIC },
      });
      mustBe("204", `${out.status}`);
      const headers = { cookie, origin: PUBLIC };
      return mustBe(
        "unauthenticated",
        await codeOf(await send(scene, "POST", path, headers, bodyOf(scene, said))),
      );
    }
  }
}

function mustBe(expected: string, code: string): void {
  if (code !== expected) throw new Error(`${code} instead of ${expected}`);
}

/** Somebody's own token with another name in it. */
function forged(scene: Scene, { who, shouts, isOld }: Say): string {
  const [head, , seal] = scene.token({ who, shouts, isOld }).split(".");
  const root = { email: "root@example.com", email_verified: true, groups: ["sre", "security", "admins"] };
  return [head, Buffer.from(JSON.stringify(root)).toString("base64url"), seal].join(".");
}

async function batch(scene: Scene, said: Say, dryRun: boolean): Promise<string> {
  const item = { approvalId: scene.approval.approvalId, decision: said.verb, ...choiceOf(scene, said) };
  const unknown = { ...item, approvalId: "apr_00000000000000000000000000" };
  const response = await post(scene, said, "/workflow-approvals/decide", { dryRun, items: [unknown, item] });
  if (response.status !== 200) throw new Error(await response.text());
  const [first, second] = ((await response.json()) as BatchResult).items;
  mustBe("not-found", String(first?.code));
  return second?.isAccepted ? "accepted" : String(second?.code);
}

async function stn(scene: Scene, { who, shouts, isOld }: Caller, argv: readonly string[]): Promise<string> {
  const { app, world } = scene.station;
  const server = {
    ok: true,
    url: "http://station",
    isGiven: true,
    apiKey: scene.token({ who, shouts, isOld }),
  } as const;
  const { code, err } = await stnFor({ app, ports: world.ports }, { server }).run(argv);
  if (code === 0) return "accepted";
  return /\[([a-z-]+)\]/.exec(err)?.[1] ?? `exit ${code}: ${err}`;
}

async function tool(
  scene: Scene,
  { who, shouts, isOld }: Caller,
  name: string,
  args: object,
): Promise<string> {
  const headers = {
    authorization: `Bearer ${scene.token({ who, shouts, isOld })}`,
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };
  const params = { name, arguments: args };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
  const response = await scene.station.app.request("/mcp", { method: "POST", headers, body });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`/mcp answered ${response.status}: ${text}`);
  return text;
}

type Caller = Pick<Say, "who" | "shouts" | "isOld" | "byBrowser">;

function linkOf(scene: Scene, { link }: Say): string {
  return scene.links[link] as string;
}

function post(scene: Scene, caller: Caller, path: string, body: object, headers = {}): Promise<Response> {
  return request(scene, caller, "POST", path, body, headers);
}

function request(scene: Scene, caller: Caller, method: string, path: string, body?: object, headers = {}) {
  return send(scene, method, path, { ...scene.shownBy(caller), ...headers }, body);
}

async function send(scene: Scene, method: string, path: string, headers: object, body?: object) {
  const sent = body && { body: JSON.stringify(body) };
  const all = { ...FORGED, ...headers, ...(body && { "content-type": "application/json" }) };
  return scene.station.app.request(`${PUBLIC}/api/v1${path}`, { method, headers: all, ...sent });
}

async function codeOf(response: Response): Promise<string> {
  const { code = "accepted" } = (await response.json()) as { code?: string };
  return code;
}
