import { spawn } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { codeSamplesOf } from "../../../src/http/code-samples.ts";
import { type RouteName, routeList } from "../../../src/http/contract.ts";
import { type Deployment, startEmbedded } from "./support/deployment.ts";

const KEY = "a-first-key-for-the-samples-0123456789";
/** Says with which status each request was answered, as curl does here. */
const TELLING = `data:text/javascript,const asked = globalThis.fetch; globalThis.fetch = async (...request) => {
  const response = await asked(...request); console.error(response.status); return response; }`;

let station: Deployment;
let folder: string;
const env: Record<string, string> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "station-samples-"));
  station = await startEmbedded({ STATION_API_TOKEN: KEY });
  await writeFile(join(folder, ".curlrc"), String.raw`write-out = "%{stderr}%{http_code}\n"`);
  await writeFile(
    join(folder, "restart-service.workflow.yaml"),
    "id: restart-service\nstates: [{ name: done, type: inject, data: {}, end: true }]\n",
  );
  const program = join(process.env["STATION_TEST_PROGRAMS"] ?? "", "stn.mjs");
  await writeFile(join(folder, "stn"), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  await chmod(join(folder, "stn"), 0o755);
  Object.assign(env, {
    PATH: `${folder}${delimiter}${process.env["PATH"]}`,
    HOME: folder,
    CURL_HOME: folder,
    STATION_URL: station.url,
    STATION_API_KEY: KEY,
    PROBLEM_CODE: "not-found",
  });
});
afterAll(async () => {
  await station.remove();
  await rm(folder, { recursive: true });
});

type Label = "curl" | "stn" | "TypeScript";

/** Runs a sample as it stands, as somebody would who has set the variables. */
async function tried(name: RouteName, label: Label) {
  const [, route] = routeList.find(([known]) => known === name) ?? [];
  const source = route && codeSamplesOf(name, route).find((sample) => sample.label === label)?.source;
  if (source === undefined) throw new Error(`${name} has no ${label} sample`);
  const file = join(folder, `${name}.${label === "TypeScript" ? "mts" : "sh"}`);
  await writeFile(file, source);
  const command = label === "TypeScript" ? [process.execPath, "--import", TELLING, file] : ["bash", file];
  const child = spawn(command[0] ?? "", command.slice(1), {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, err: err.trim() };
}

const documented = (name: RouteName) => String(routeList.find(([known]) => known === name)?.[1].ok[0]);

it("a run is started with curl, TypeScript and stn, looked at, signalled and paused", async () => {
  const started = await tried("startRun", "curl");
  expect(started).toMatchObject({ code: 0, err: documented("startRun") });
  env["RUN_ID"] = JSON.parse(started.out).runId;
  for (const name of ["startRun", "getRun", "listRuns", "signalRun", "pauseRun"] as const) {
    for (const label of ["curl", "TypeScript"] as const)
      expect(await tried(name, label), `${name} ${label}`).toMatchObject({ code: 0, err: documented(name) });
    expect(await tried(name, "stn"), `${name} stn`).toMatchObject({ code: 0 });
  }
});

it("a definition is sent from its file, and what is there already is told", async () => {
  expect(await tried("createWorkflow", "curl")).toMatchObject({ code: 0, err: documented("createWorkflow") });
  const again = await tried("createWorkflow", "TypeScript");
  expect(again.code).toBe(1);
  expect(again.err).toContain("workflow-exists");
});

it("what is public is read without a key", async () => {
  for (const label of ["curl", "TypeScript"] as const)
    expect(await tried("getProblemPage", label)).toMatchObject({
      code: 0,
      err: documented("getProblemPage"),
    });
  expect((await tried("getProblemPage", "curl")).out).toContain("not-found");
});
