import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDefinition } from "../../../src/adapters/files/definition.ts";
import { memoryContexts } from "../../../src/cli/memory-contexts.ts";
import { createProgram } from "../../../src/cli/program.ts";
import { memoryTerminal } from "../../../src/cli/terminal/memory-terminal.ts";
import { createAuditTools } from "../../../src/main/audit-tools.ts";
import { createBackups } from "../../../src/main/backups.ts";
import { createBundles } from "../../../src/main/bundles.ts";
import { createImport } from "../../../src/main/import.ts";
import { configured } from "../../../src/main/process.ts";
import { createRehearsals } from "../../../src/main/rehearsals.ts";

let root = "";

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "station-test-"));
  const folder = join(root, "environments/default/workflows");
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, "gate.workflow.yaml"),
    `id: gate
states:
  - { name: ask, type: approval, message: "Go?", onReject: { next: stop }, next: go }
  - { name: go, type: inject, data: { went: true }, next: done }
  - { name: stop, type: inject, data: { went: false }, next: done }
  - { name: done, type: inject, data: {}, end: true }
`,
  );
  await writeFile(
    join(folder, "gate.test.yaml"),
    `tests:
  - name: it goes
    approvals: { ask: { decision: approve } }
    expect: { path: [ask, go, done], context: { went: true } }
  - name: it goes although nobody agrees
    approvals: { ask: { decision: reject } }
    expect:
      path: [ask, go, done]
`,
  );
  await writeFile(join(folder, "gate-again.test.yaml"), "workflow: gate\ntests: [{ nmae: x, expect: {} }]\n");
});

afterAll(() => rm(root, { recursive: true, force: true }));

async function stn(...argv: readonly string[]) {
  return stnIn(root, ...argv);
}

async function stnIn(cwd: string, ...argv: readonly string[]) {
  const terminal = memoryTerminal({});
  const never = async () => {};
  const program = createProgram({
    terminal,
    version: "0.0.0",
    server: { ok: true, url: "http://nowhere.invalid", isGiven: true, apiKey: null },
    contexts: memoryContexts(),
    project: () => null,
    now: () => 0,
    interrupt: new AbortController().signal,
    cwd,
    environmentsDir: "environments",
    watch: async () => async () => {},
    readSource: async () => ({ text: "" }),
    check: async () => ({ diagnostics: [], report: () => null }),
    readDefinition,
    audit: createAuditTools(() => configured({}, "migrate")),
    backups: createBackups(() => configured({}, "migrate")),
    bundles: createBundles(join(cwd, "environments")),
    importDocument: createImport({ environmentsDir: join(cwd, "environments") }),
    rehearsals: createRehearsals({ environmentsDir: join(cwd, "environments") }),
    openBrowser: () => {},
    starters: { dev: never, serve: never, worker: never, migrate: async () => [], doctor: async () => [] },
  });
  const code = await program.run(argv);
  return { code, out: terminal.out(), err: terminal.err() };
}

const GATE = "environments/default/workflows/gate.test.yaml";

describe("stn test", () => {
  it("shows what differs, where it was expected, and exits with 1", async () => {
    const { code, out, err } = await stn("test", GATE);
    expect(code).toBe(1);
    expect(err).toMatch(/^1 passed, 1 failed in \d+ ms\n$/);
    const lines = out.replace(/\d[\d.]* ms/g, "… ms").split("\n");
    expect(lines).toEqual([
      GATE,
      "  ✓ it goes  … ms",
      "  ✕ it goes although nobody agrees  … ms",
      `    ${GATE}:8:13 the run took another path`,
      "        ask",
      "      - go",
      "      + stop",
      "        done",
      "      - expected  + what happened",
      "    path: ask → stop → done → COMPLETED",
      "",
    ]);
  });

  it("exits with 0 when all tests that were asked for pass", async () => {
    expect(await stn("test", GATE, "--only", "it goes although")).toMatchObject({ code: 1 });
    const { code, out } = await stn("test", GATE, "--only", "although", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      files: [
        {
          file: GATE,
          diagnostics: [],
          tests: [{ passed: false, mismatches: [{ line: 8, column: 13, pointer: "/tests/1/expect/path" }] }],
        },
      ],
    });
  });

  it("exits with 3 when a test file is not right, and says where", async () => {
    const { code, out } = await stn("test", "environments/default/workflows/gate-again.test.yaml");
    expect(code).toBe(3);
    expect(out).toContain('gate-again.test.yaml:2:11 error[unknown-key] "nmae" is not known here');
    expect(out).toContain('did you mean "name"?');
  });

  it("exits with 5 when there is nothing to run", async () => {
    expect(await stn("test", "nowhere")).toMatchObject({ code: 5 });
    expect(await stn("test", GATE, "--only", "no such name")).toMatchObject({ code: 5 });
  });

  it("finds all tests of the example environment, and they pass", async () => {
    const { code, out, err } = await stnIn(process.cwd(), "test", "--json");
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringMatching(/^\d+ passed/) });
    const { files } = JSON.parse(out) as { files: { file: string; tests: unknown[] }[] };
    const workflows = (await readdir("environments/default/workflows"))
      .filter((name) => name.includes(".workflow."))
      .map((name) => `environments/default/workflows/${name.replace(".workflow.", ".test.")}`);
    expect(files.map(({ file }) => file)).toEqual(expect.arrayContaining(workflows));
  });
});
