import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Bundled, bundle } from "../../deploy/bundle.ts";
import { assemblePackage } from "../../deploy/package.ts";
import { eventually } from "../integration/stories/support/eventually.ts";
import { freePort } from "../support/server-process.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);
const LARGEST_BYTES = 8e6;
let work: string;
let fresh: string;
let bundled: Bundled;
let packed: { readonly size: number; readonly files: readonly { readonly path: string }[] };

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "station-package-"));
  fresh = join(work, "fresh");
  bundled = await bundle(root, join(work, "bundle"));
  await assemblePackage(root, work);
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", work], {
    cwd: join(work, "package"),
  });
  packed = JSON.parse(stdout)[0];
  await mkdir(fresh);
  await writeFile(join(fresh, "package.json"), "{}");
  const [tarball] = (await readdir(work)).filter((name) => name.endsWith(".tgz"));
  const flags = ["--no-audit", "--no-fund", "--prefer-offline"];
  await run("npm", ["install", ...flags, join(work, tarball ?? "")], { cwd: fresh });
}, 180_000);
afterAll(() => rm(work, { recursive: true, force: true }));

const npx = (...args: readonly string[]) => ["--no-install", "stn", ...args];

it("npx stn runs where nothing but the package was installed", async () => {
  const { stdout } = await run("npx", npx("--version"), { cwd: fresh });
  expect(stdout.trim()).toBe("0.1.0");
});

it("npx stn dev in an empty folder is all of Station, which takes a workflow and runs it", async () => {
  const workflows = join(fresh, "environments/default/workflows");
  await mkdir(workflows, { recursive: true });
  const hello = "id: hello\nstates:\n  - { name: greet, type: inject, data: { said: hello }, end: true }\n";
  await writeFile(join(workflows, "hello.workflow.yaml"), hello);
  const port = String(await freePort());
  const env = { PATH: process.env["PATH"], HOME: work, PORT: port };
  const station = spawn(process.execPath, [join(fresh, "node_modules/.bin/stn"), "dev"], {
    cwd: fresh,
    env,
    stdio: "ignore",
  });
  try {
    await eventually(async () => (await fetch(`http://localhost:${port}/readyz`).catch(() => null))?.ok);
    const { stdout } = await run("npx", npx("run", "hello", "--follow", "--json"), { cwd: fresh, env });
    expect(stdout).toContain("run.completed");
  } finally {
    station.kill("SIGINT");
    await once(station, "exit");
  }
  expect(station.exitCode).toBe(0);
});

it("passes on the licences of everything in it", async () => {
  const folder = join(fresh, "node_modules/station");
  const notices = await readFile(join(folder, "THIRD_PARTY_NOTICES"), "utf8");
  for (const name of bundled.packages) expect(notices).toContain(`== ${name} `);
  for (const words of ["Copyright (c) 2021 - present, Yusuke Wada", "The Bazel Authors"])
    expect(notices).toContain(words);
});

it("holds programs and no sources, and stays small", () => {
  const paths = packed.files.map(({ path }) => path);
  expect(paths).toContain("stn.mjs");
  expect(paths.filter((path) => /\.tsx?$|(?:^|\/)test\/|\.env/.test(path))).toEqual([]);
  expect(packed.size).toBeLessThan(LARGEST_BYTES);
});
