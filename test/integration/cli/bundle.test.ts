import { cp, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
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
  root = await mkdtemp(join(tmpdir(), "station-bundle-"));
  await cp("environments/default", join(root, "environments/default"), { recursive: true });
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function stn(argv: readonly string[], input?: string) {
  const terminal = memoryTerminal(input === undefined ? {} : { isTty: true, input });
  const never = async () => {};
  const program = createProgram({
    terminal,
    version: "0.0.0",
    server: { ok: true, url: "http://nowhere.invalid", isGiven: true, apiKey: null },
    contexts: memoryContexts(),
    project: () => null,
    now: () => 0,
    interrupt: new AbortController().signal,
    cwd: root,
    environmentsDir: "environments",
    watch: async () => async () => {},
    readSource: async () => ({ text: "" }),
    check: async () => ({ diagnostics: [], report: () => null }),
    readDefinition,
    audit: createAuditTools(() => configured({}, "migrate")),
    backups: createBackups(() => configured({}, "migrate")),
    bundles: createBundles(join(root, "environments")),
    importDocument: createImport({ environmentsDir: join(root, "environments") }),
    rehearsals: createRehearsals({ environmentsDir: join(root, "environments") }),
    openBrowser: () => {},
    starters: { dev: never, serve: never, worker: never, migrate: async () => [], doctor: async () => [] },
  });
  const code = await program.run(argv);
  return { code, out: terminal.out(), err: terminal.err() };
}

const create = (...more: readonly string[]) =>
  stn(["bundle", "create", "triage", "--bundle-version", "1.0.0", "--out", "t.zip", ...more]);

async function workflowsIn(environment: string) {
  const folder = join(root, "environments", environment, "workflows");
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), "utf8")]));
}

describe("stn bundle", () => {
  it("packs an environment, and an empty one gets identical workflows out of it", async () => {
    expect(await create()).toMatchObject({ code: 0, out: "t.zip\ttriage\t1.0.0\n" });
    const first = await readFile(join(root, "t.zip"));
    await create();
    expect(await readFile(join(root, "t.zip"))).toEqual(first);

    const dry = await stn(["bundle", "install", "t.zip", "-e", "staging", "--dry-run"]);
    expect(dry.out).toContain("+ adds      workflows/incident-triage.workflow.yaml\n");
    expect(await stat(join(root, "environments/staging")).catch(() => null)).toBeNull();

    expect(await stn(["bundle", "install", "t.zip", "-e", "staging", "--yes"])).toMatchObject({ code: 0 });
    expect(await workflowsIn("staging")).toEqual(await workflowsIn("default"));
    expect(await stn(["bundle", "list", "-e", "staging", "-o", "id"])).toMatchObject({
      code: 0,
      out: "triage\n",
    });
    const again = JSON.parse(
      (await stn(["bundle", "install", "t.zip", "-e", "staging", "--yes", "--json"])).out,
    );
    expect(again.changes.every(({ change }: { change: string }) => change === "unchanged")).toBe(true);
  });

  it("asks before it writes, and says what somebody has changed since", async () => {
    const edited = join(root, "environments/staging/workflows/health-report.workflow.yaml");
    await writeFile(edited, "id: mine\n");
    expect(await stn(["bundle", "install", "t.zip", "-e", "staging"])).toMatchObject({ code: 2 });
    const refused = await stn(["bundle", "install", "t.zip", "-e", "staging"], "n\n");
    expect(refused.code).toBe(2);
    expect(refused.out).toContain("replaces  workflows/health-report.workflow.yaml");
    expect(refused.out).toContain("(changed here)");
    expect(await readFile(edited, "utf8")).toBe("id: mine\n");
    expect(await stn(["bundle", "install", "t.zip", "-e", "staging"], "y\n")).toMatchObject({ code: 0 });
    expect(await readFile(edited, "utf8")).toContain("id: health-report");
    const left = await readdir(join(root, "environments/staging/workflows"));
    expect(left.filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("signs, and trusts only the keys it is told to", async () => {
    expect(await stn(["bundle", "keygen", "ours"])).toMatchObject({ code: 0 });
    expect(await stn(["bundle", "keygen", "theirs"])).toMatchObject({ code: 0 });
    expect((await stat(join(root, "ours.key"))).mode & 0o777).toBe(0o600);
    expect(await stn(["bundle", "keygen", "ours"])).toMatchObject({ code: 6 });
    expect(await stn(["bundle", "inspect", "t.zip", "--trust", "ours.pub"])).toMatchObject({ code: 3 });
    await create("--key", "ours.key");
    expect(await stn(["bundle", "inspect", "t.zip", "--trust", "ours.pub"])).toMatchObject({ code: 0 });
    const other = await stn(["bundle", "install", "t.zip", "-e", "prod", "--yes", "--trust", "theirs.pub"]);
    expect(other).toMatchObject({ code: 3, err: expect.stringContaining("is not trusted here") });
    expect(await stat(join(root, "environments/prod")).catch(() => null)).toBeNull();
  });

  it("does not follow a link out of the environment", async () => {
    const outside = join(root, "outside");
    await cp(join(root, "environments/default/workflows"), outside, { recursive: true });
    await cp(join(root, "environments/default/agents"), join(root, "environments/linked/agents"), {
      recursive: true,
    });
    await symlink(outside, join(root, "environments/linked/workflows"));
    const before = await readdir(outside);
    await writeFile(join(outside, "health-report.workflow.yaml"), "id: outside\n");
    const { code, err } = await stn(["bundle", "install", "t.zip", "-e", "linked", "--yes"]);
    expect({ code, err }).toMatchObject({ code: 3, err: expect.stringContaining("leads out of") });
    expect(await readFile(join(outside, "health-report.workflow.yaml"), "utf8")).toBe("id: outside\n");
    expect(await readdir(outside)).toEqual(before);
  });

  it("names the record of what was installed that a merge has broken", async () => {
    const record = join(root, "environments/staging/bundles/triage.json");
    const text = await readFile(record, "utf8");
    for (const [broken, why] of [
      ["<<<<<<< HEAD\n", "is not JSON"],
      ["null", "the manifest is not an object"],
    ] as const) {
      await writeFile(record, broken);
      const { err } = await stn(["bundle", "list", "-e", "staging"]);
      expect(err.replaceAll(/\s+/g, " ")).toMatch(new RegExp(`staging/bundles/triage\\.json:? ${why}`));
    }
    await writeFile(record, text);
  });

  it("says what is wrong with a file that is none", async () => {
    await writeFile(join(root, "not.zip"), "hello");
    expect(await stn(["bundle", "inspect", "not.zip"])).toMatchObject({
      code: 3,
      err: expect.stringContaining("the bundle is refused: it cannot be read"),
    });
    expect(await stn(["bundle", "inspect", "nowhere.zip"])).toMatchObject({ code: 5 });
    expect(await stn(["bundle", "create", "x"])).toMatchObject({ code: 2 });
  });
});
