import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../../../src/cli/errors.ts";
import { memoryTerminal } from "../../../src/cli/terminal/memory-terminal.ts";
import type { Approval } from "../../../src/http/schemas/approvals.ts";
import { gate, quick, waiter } from "../http/definitions.ts";
import { createWorld, eventually, type World } from "../http/world.ts";
import { failing, hasty, stnFor } from "./stn.ts";

let world: World;
let stn: ReturnType<typeof stnFor>;

beforeAll(async () => {
  world = await createWorld({ works: true });
  for (const definition of [
    quick("quick"),
    gate("gate"),
    waiter("waiter"),
    failing("failing"),
    hasty("hasty"),
  ])
    await world.client.createWorkflow({ body: { definition } });
  stn = stnFor(world);
});
afterAll(() => world.close());

const start = async (workflowId: string) => (await world.client.startRun({ body: { workflowId } })).runId;
const approvalOf = (runId: string) =>
  eventually(async (): Promise<Approval | undefined> => {
    const { items } = await world.client.listRunApprovals({ params: { runId } });
    return items[0];
  });
const runOf = (text: string) => /run_[0-9A-Z]{26}/.exec(text)?.[0];

describe("the exit code", () => {
  it("0: it went well", async () => {
    expect((await stn.run(["run", "quick", "-f", "count=1", "--wait"])).code).toBe(EXIT.ok);
  });

  it("1: something else is wrong", async () => {
    const problem = { type: "", title: "", status: 500, detail: "it broke", instance: "", code: "internal" };
    const headers = { "content-type": "application/problem+json" };
    const broken = stnFor(world, { fetch: () => Response.json(problem, { status: 500, headers }) });
    const { code, err } = await broken.run(["runs"]);
    expect(code).toBe(EXIT.error);
    expect(err).toContain("it broke");
  });

  it("2: the command was called the wrong way", async () => {
    expect((await stn.run(["runs", "list", "--nonsense"])).code).toBe(EXIT.usage);
  });

  it("3: the input breaks its schema", async () => {
    const { code, err, out } = await stn.run(["run", "quick", "-f", "count=many"]);
    expect({ code, out }).toEqual({ code: EXIT.findings, out: "" });
    expect(err).toContain("/count");
  });

  it("4: the server does not know who is calling", async () => {
    world.as(null);
    const { code, err } = await stn.run(["runs"]);
    world.as("user:ana");
    expect(code).toBe(EXIT.authentication);
    expect(err).toContain("STATION_API_KEY");
  });

  it("5: there is no such thing", async () => {
    expect((await stn.run(["workflow", "show", "nobody"])).code).toBe(EXIT.notFound);
    expect((await stn.run(["runs", "show", "run_0000"])).code).toBe(EXIT.notFound);
    expect((await stn.run(["approve", "apr_ffffff"])).code).toBe(EXIT.notFound);
  });

  it("6: it was decided before", async () => {
    const { approvalId } = await approvalOf(await start("gate"));
    expect((await stn.run(["approve", approvalId])).code).toBe(EXIT.ok);
    const { code, err } = await stn.run(["reject", approvalId.slice(0, 14), "-m", "too late"]);
    expect(code).toBe(EXIT.conflict);
    expect(err).toContain("[already-decided]");
  });

  it("7: nobody answers", async () => {
    const away = stnFor(world, {
      fetch: () => Promise.reject(new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } })),
    });
    expect((await away.run(["runs"])).code).toBe(EXIT.unreachable);
  });

  it("7: somebody else answers", async () => {
    const page = { status: 200, headers: { "content-type": "text/html" } };
    const other = stnFor(world, { fetch: () => new Response("<html>", page) });
    const { code, err } = await other.run(["runs"]);
    expect(code).toBe(EXIT.unreachable);
    expect(err).toContain("answered 200 with text/html, which is not Station's way");
    expect(err).toContain("STATION_URL=");
  });

  it("130: the person left at a question", async () => {
    const terminal = memoryTerminal({ isTty: true });
    // What readline does with Ctrl-C.
    const ask = () => Promise.reject(new DOMException("Aborted with Ctrl+C", "AbortError"));
    const leaving = stnFor(world, { terminal: { ...terminal, stdin: { ...terminal.stdin, ask } } });
    expect((await leaving.run(["keys", "revoke", "ci"])).code).toBe(EXIT.interrupted);
    expect(terminal.err()).toContain("nothing was done");

    const { terminal: keyed, done } = stn.call(["login", "http://station"], { isTty: true });
    keyed.press("ctrl-c");
    expect((await done).code).toBe(EXIT.interrupted);
  });

  it("10: the run failed", async () => {
    const { code, err } = await stn.run(["run", "failing", "--wait"]);
    expect(code).toBe(EXIT.runFailed);
    expect(err).toContain("no condition of");
  });

  it("11: the run was cancelled", async () => {
    const { done, terminal } = stn.call(["run", "waiter", "--wait"]);
    const runId = await eventually(async () => runOf(terminal.err()));
    expect((await stn.run(["runs", "cancel", runId, "--yes", "-m", "enough"])).code).toBe(EXIT.ok);
    const { code, err } = await done;
    expect(code).toBe(EXIT.runCancelled);
    expect(err).toContain("enough");
  });

  it("12: the run was out of time", async () => {
    expect((await stn.run(["run", "hasty", "--follow"])).code).toBe(EXIT.runTimedOut);
  });

  it("13: the approval was rejected", async () => {
    const { done, terminal } = stn.call(["run", "gate", "--wait"]);
    const runId = await eventually(async () => runOf(terminal.err()));
    const { approvalId } = await approvalOf(runId);
    await stn.run(["reject", approvalId, "-m", "not today"]);
    const { code, err } = await done;
    expect(code).toBe(EXIT.approvalRejected);
    expect(err).toContain("not today");
  });

  it.each(["--wait", "--follow"])(
    "130: interrupted during %s; the run goes on and can be seen again",
    async (how) => {
      const { done, terminal, interrupt } = stn.call(["run", "waiter", how]);
      const runId = await eventually(async () => {
        const id = runOf(terminal.err() + terminal.out());
        return id && (await world.client.getRun({ params: { runId: id } })).status === "WAITING_SIGNAL" && id;
      });
      interrupt.abort();
      const { code, err } = await done;
      expect(code).toBe(EXIT.interrupted);
      expect(err).toContain(`run ${runId} goes on – look again: stn runs show ${runId} --follow`);
      expect((await world.client.getRun({ params: { runId } })).status).toBe("WAITING_SIGNAL");
      const again = stn.call(["runs", "show", runId, "--follow"]);
      expect((await stn.run(["signal", runId, "go", "-p", '{"ok":true}'])).code).toBe(EXIT.ok);
      expect((await again.done).code).toBe(EXIT.ok);
    },
  );
});
