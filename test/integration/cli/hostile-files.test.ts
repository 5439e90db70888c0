import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Log } from "../../../src/engine/ports.ts";
import type { SyncReport } from "../../../src/engine/sync.ts";
import { loadConfig } from "../../../src/main/config.ts";
import { type Serving, startServing } from "../../../src/main/serve.ts";
import { quick } from "../http/definitions.ts";
import { createWorld, type World } from "../http/world.ts";
import { stnFor } from "./stn.ts";

const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };
let dir: string;
let serving: Serving;
let world: World;
let stn: ReturnType<typeof stnFor>;

const file = (name: string) => join(dir, "environments/default/workflows", `${name}.workflow.yaml`);

/** Nine levels of nine references each: a few hundred bytes that would be four hundred million values. */
const bomb = `${Array.from({ length: 9 }, (_, level) => {
  const item = level === 0 ? '"lol"' : `*a${level - 1}`;
  return `a${level}: &a${level} [${Array(9).fill(item).join(",")}]`;
}).join("\n")}\nid: bomb\nstates: *a8\n`;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "station-hostile-"));
  await mkdir(join(dir, "environments/default/workflows"), { recursive: true });
  await writeFile(file("right"), quick("right"));
  await writeFile(file("huge"), `# ${"x".repeat(10 * 1024 * 1024)}\n${quick("huge")}`);
  await writeFile(file("bomb"), bomb);
  await writeFile(
    file("bytes"),
    Buffer.concat([Buffer.from("id: bytes\n# "), Buffer.from([0xc3, 0x28, 0xff])]),
  );
  await writeFile(file("utf16"), Buffer.from(`\ufeff${quick("utf16")}`, "utf16le"));
  await writeFile(file("deep"), `id: deep\nstates: ${"[".repeat(50_000)}${"]".repeat(50_000)}\n`);
  await symlink("loop.workflow.yaml", file("loop"));
  await symlink("/etc/hostname", file("outside"));
  await mkdir(file("folder"));
  const environmentsDir = join(dir, "environments");
  const loaded = loadConfig({ PORT: "0", STATION_DATA_DIR: dir, STATION_ENVIRONMENTS_DIR: environmentsDir });
  if (!loaded.ok) throw new Error("the configuration is wrong");
  serving = await startServing(loaded.config, silent);
  world = await createWorld();
  stn = stnFor(world, {
    server: { ok: true, url: serving.url, isGiven: true, apiKey: null },
    fetch,
    environmentsDir,
  });
});
afterAll(async () => {
  await serving.close();
  await world.close();
  await rm(dir, { recursive: true });
});

const reasons: Readonly<Record<string, readonly [string, RegExp]>> = {
  huge: ["TOO_LARGE", /bytes are more than/],
  bomb: ["TOO_LARGE|SYNTAX|UNSUPPORTED", /./],
  bytes: ["ENCODING", /not valid UTF-8/],
  utf16: ["ENCODING", /UTF-16/],
  deep: ["TOO_LARGE|SYNTAX|UNSUPPORTED|WRONG_TYPE", /./],
  loop: ["UNREADABLE", /circle/],
  outside: ["UNREADABLE", /leads out of the environment/],
  folder: ["UNREADABLE", /not a regular file/],
};

it("a sync names every file that is not to be taken, with the reason, and takes the one that is", async () => {
  const { code, out } = await stn.run(["sync", "--json"]);
  expect(code).toBe(3);
  const { rows } = JSON.parse(out) as SyncReport;
  expect(rows.find(({ id }) => id === "right")).toMatchObject({ result: "unchanged", version: 1 });
  for (const [name, [codes, message]] of Object.entries(reasons)) {
    const row = rows.find((one) => one.file === `workflows/${name}.workflow.yaml`);
    expect(row).toMatchObject({
      result: "invalid",
      diagnostics: [{ code: expect.stringMatching(codes), message: expect.stringMatching(message) }],
    });
  }
  expect((await fetch(`${serving.url}/healthz`)).status).toBe(200);
});

it.each(["huge", "bomb", "bytes", "utf16", "deep", "loop"])(
  "validate refuses %s and says which file it is",
  async (name) => {
    const path = file(name);
    const { code, out, err } = await stn.run(["validate", path, "--color", "never"]);
    expect(`${out}${err}`).toContain(`${name}.workflow.yaml`);
    expect(code).not.toBe(0);
  },
);
