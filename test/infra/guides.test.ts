import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENTRY, VARIABLES } from "../../infra/shared/runtime-contract.ts";
import { NAMES } from "../../src/main/environment-reader.ts";
import { removeServers, type Servers, startServers } from "../integration/stories/support/deployment.ts";
import { obtainCompose } from "../support/server-binaries.ts";
import { type Block, blocksOf } from "./guides/blocks.ts";
import { createSandbox, type Sandbox } from "./guides/sandbox.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string) => readFileSync(root + path, "utf8");
const blocks = blocksOf(root);
const guides = [...new Set(blocks.map(({ guide }) => guide))];
// Compose files have a few of their own.
const known = [...NAMES, ...[...read("deploy/compose.yaml").matchAll(/\$\{(\w+)/g)].map(([, name]) => name)];
let sandbox: Sandbox;
let servers: Servers;

beforeAll(async () => {
  [sandbox, servers] = await Promise.all([createSandbox(await obtainCompose()), startServers()]);
  const started = await sandbox.run("npm start");
  expect(started).toMatchObject({ code: 0 });
  await sandbox.runs("report");
});
afterAll(() => Promise.all([sandbox.remove(), removeServers(servers)]));

/** What stands in a guide for what its reader has, and what this reader has. */
async function asOfThisReader({ text }: Block): Promise<string> {
  const { url, token, receiver, folder } = sandbox;
  const has: readonly (readonly [string, string | (() => Promise<string>)])[] = [
    ["https://station.example.com", url],
    ["https://station.fly.dev", url],
    ["http://localhost:8585", url],
    ["STATION_API_KEY=…", `STATION_API_KEY=${token}`],
    ["https://pager.example.com", receiver],
    ["apr_…", () => sandbox.asks()],
    // Another terminal.
    ["npm start &", "npm start"],
    ["nats://nats:4222", servers.nats.url],
    ["ws://sqld:8080", servers.sqld.url.replace("http:", "ws:")],
    // A reader is not as quick as a script: the key has signed when the anchor is copied.
    [
      "cp /append-only/anchor anchor",
      `for _ in {1..60}; do
  npm run -s stn -- audit export @last --out signed.zip && npm run -s stn -- audit verify signed.zip --public-key audit.pub && break
done
cp /append-only/anchor anchor`,
    ],
    ["/append-only", join(folder, "append-only")],
    ["/archive", join(folder, "archive")],
    // Asked where queue and database are servers with what a deployment has made there, and of the environment as it came.
    [
      "npm run -s stn -- doctor",
      `export STATION_NATS_URL=${servers.nats.url} STATION_DATABASE_URL=${servers.sqld.url} STATION_ENVIRONMENTS_DIR=${root}environments
npm run -s stn -- migrate
npm run -s stn -- doctor`,
    ],
    // The guide says that it is stopped, and to be started afterwards; a terminal asks whether one is sure.
    ["restore station-2026-03-01.db", "restore --yes station-$(date +%F).db"],
    ["npm run -s stn -- restore", "station-stops; npm run -s stn -- restore"],
  ];
  const archive = text.includes("arc_") ? await sandbox.archives() : null;
  let script = archive
    ? text
        .replace("2026-03-01/*.ndjson.gz", archive.file)
        .replace("2026-03-01/arc_01K9X2M4Q8.ndjson.gz", archive.file)
        .replace("arc_01K9X2M4Q8 run_01K9X2M4Q8", `${archive.archiveId} ${archive.runId}`)
    : text;
  for (const [words, own] of has)
    if (script.includes(words))
      script = script.replaceAll(words, typeof own === "string" ? own : await own());
  // Processes of a deployment and a station that was stopped make room for the one that the next guide expects.
  return /src\/main|station-stops/.test(script) ? `${script}npm start\n` : script;
}

describe("every command of every guide is run, or held against what its maker documents", () => {
  it.each(blocks.map((block) => ({ ...block, name: `${block.guide}:${block.line}` })))(
    "$name",
    async (block) => {
      const { code, said } = await sandbox.run(await asOfThisReader(block));
      expect(code, said).toBe(0);
    },
  );
});

it.each([
  ["a program that nobody knows", "kubectl apply -f x.yaml", "kubectl: command not found"],
  ["an option that is not documented", "aws ecr create-repository --repositoryname x", "--repositoryname"],
  ["a command that is not documented", "fly machines list", 'no guide may use "fly machines list"'],
  ["a target that is not there", "docker build -f deploy/Dockerfile --target ap .", 'no target "ap"'],
  [
    "a port that is open to everybody who is asked nothing",
    "docker run -p 8080:8080 -e STATION_AUTH=off station-api",
    "whoever reaches it",
  ],
  ["an image that nothing built", "docker push example.com/x:1", "no command before this builds"],
  ["a command of stn that is not there", "npm run -s stn -- rums", "rums"],
  ["a script that is not there", "npm --prefix infra run sinth", "sinth"],
])("%s does not pass for a guide", async (_what, script, why) => {
  const { code, said } = await sandbox.run(script);
  expect(code).not.toBe(0);
  expect(said).toContain(why);
});

describe.each(guides)("%s", (guide) => {
  it("names only variables that there are", () => {
    const named = [...read(guide).matchAll(/(?<![A-Z_])((?:STATION|OTEL)_[A-Z_]*[A-Z])(?![A-Z_]*…)/g)].map(
      ([, name]) => name as string,
    );
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it("links to what is there", () => {
    const folder = guide.replace(/[^/]+$/, "");
    for (const [, target = ""] of read(guide).matchAll(/\]\((?!https?:|#)([^)#]+)/g))
      expect([target, existsSync(root + folder + target)]).toEqual([target, true]);
  });
});

it("every platform's guide goes from nothing to a run, and says what it costs, how it grows and how it goes back", () => {
  for (const platform of ["ecs", "cloudrun", "fly"]) {
    const text = read(`infra/${platform}/README.md`);
    for (const part of ["From nothing to a run", "Upgrade", "Rollback", "Scaling", "Costs"])
      expect(text).toContain(part);
    expect(text).toContain("stn -- run incident-triage");
    expect(text).toContain("Not done by any test");
  }
  expect(Object.values(ENTRY)).toContain("migrate.mjs");
  expect(VARIABLES).toHaveProperty("STATION_API_TOKEN");
});
