import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type DemoServer, demo } from "../../../src/cli/demo.ts";
import { type MemoryOptions, memoryTerminal } from "../../../src/cli/terminal/memory-terminal.ts";
import type { Log } from "../../../src/engine/ports.ts";
import { loadConfig } from "../../../src/main/config.ts";
import { startServing } from "../../../src/main/serve.ts";
import { eventually } from "../http/world.ts";

const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

async function startServer(): Promise<DemoServer> {
  const dataDir = await mkdtemp(join(tmpdir(), "station-demo-test-"));
  const loaded = loadConfig({ PORT: "0", STATION_DATA_DIR: dataDir });
  if (!loaded.ok) throw new Error("the configuration is wrong");
  const serving = await startServing(loaded.config, silent);
  return {
    url: serving.url,
    dataDir,
    actor: "user:local",
    async close() {
      await serving.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

function started(options: MemoryOptions) {
  const terminal = memoryTerminal(options);
  const interrupt = new AbortController();
  const now = () => Date.now();
  const done = demo({ terminal, now, interrupt: interrupt.signal, startServer, stn: "npx stn" });
  return { terminal, interrupt, done };
}

const asked = (terminal: ReturnType<typeof memoryTerminal>) =>
  eventually(async () => terminal.screen("stdout").includes("a  approve"));

describe("the demonstration", () => {
  it("approves by itself where nobody is, says so, and succeeds", async () => {
    const { terminal, done } = started({});
    expect(await done).toBe(0);
    const text = terminal.out();
    expect(text).toContain("no terminal: approving by itself as user:local");
    expect(text).toMatch(/STATION_URL=http:\/\/127\.0\.0\.1:\d+ npx stn approve apr_[0-9a-f]{26}\n/);
    expect(text).toMatch(/curl -X POST http:\/\/127\.0\.0\.1:\d+\/api\/v1\/workflow-approvals\/apr_/);
    expect(text).toMatch(/Audit trail +\d+ events/);
    expect(text).toContain('"status": "remediated"');
    expect(text).toContain("npm start");
    expect(text).not.toContain("\x1b");
  }, 20_000);

  it.each([60, 120])(
    "waits for a person at %i columns, and goes on when they approve",
    async (columns) => {
      const { terminal, done } = started({ isTty: true, columns, env: { NO_COLOR: "1" } });
      await asked(terminal);
      expect(terminal.screen("stdout")).toContain("Error rate high (0.083). Approve mitigation?");
      terminal.press("a");
      expect(await done).toBe(0);
      const screen = terminal.screen("stdout");
      expect(screen.match(/ request_approval /g)).toHaveLength(1);
      expect(screen).toContain("✓ completed in ");
      expect(screen).toContain("simulated: no model was called");
      expect(screen).not.toContain("a  approve");
    },
    20_000,
  );

  it("does not succeed when the person rejects", async () => {
    const { terminal, done } = started({ isTty: true, columns: 120, env: { NO_COLOR: "1" } });
    await asked(terminal);
    terminal.press("r");
    expect(await done).toBe(1);
    expect(terminal.screen("stdout")).toContain("✕ failed after");
  }, 20_000);

  it("ends when the person has had enough, and leaves nothing behind", async () => {
    const { terminal, done } = started({ isTty: true, columns: 120, env: { NO_COLOR: "1" } });
    await asked(terminal);
    terminal.press("ctrl-c");
    expect(await done).toBe(130);
    expect(terminal.screen("stdout")).toContain("stopped; nothing of it is kept");
  }, 20_000);

  it("says what is wrong when Station does not start", async () => {
    const terminal = memoryTerminal();
    const broken = () => Promise.reject(new Error("the database file is in use"));
    const { signal } = new AbortController();
    expect(await demo({ terminal, now: () => 0, interrupt: signal, startServer: broken, stn: "stn" })).toBe(
      1,
    );
    expect(terminal.out()).toContain("error: the database file is in use");
  });
});
