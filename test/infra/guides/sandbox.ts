import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { text as readAll } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { bundle } from "../../../deploy/bundle.ts";
import { createClient } from "../../../src/http/client.ts";
import { eventually } from "../../integration/stories/support/eventually.ts";
import type { Obtained } from "../../support/server-binaries.ts";
import { freePort } from "../../support/server-process.ts";

/** A copy of Station's folder with a Station that runs, in which guides are followed word by word. */
export type Sandbox = {
  readonly url: string;
  readonly folder: string;
  readonly token: string;
  /** Where notifications may be sent. */
  readonly receiver: string;
  /** Runs a script by bash, which finds the sandbox's programs and no others; answers what it said. */
  run(script: string, env?: Variables): Promise<{ readonly code: number | null; readonly said: string }>;
  /** Starts the example that asks a person, and answers the approval, which nobody but the guide gives. */
  asks(): Promise<string>;
  /** Starts a run and waits for its end. */
  runs(workflowId: string): Promise<string>;
  /** Lets a year pass for all runs that have ended, so that they go into the archive; answers which. */
  archives(): Promise<{ readonly archiveId: string; readonly file: string; readonly runId: string }>;
  remove(): Promise<void>;
};

type Variables = Readonly<Record<string, string>>;

const root = fileURLToPath(new URL("../../../", import.meta.url));
const PROGRAMS_OF_THE_MACHINE = ["cat", "cp", "date", "openssl"];
const STOOD_IN_FOR = [
  "npm",
  "npx",
  "node",
  "docker",
  "aws",
  "gcloud",
  "fly",
  "pulumi",
  "claude",
  "station-stops",
];
const COPIED = ["deploy", "environments", "infra", "migrations", "src", "test/run.ts"];
const FILES = [".dockerignore", "package.json", "package-lock.json", "tsconfig.json"];
const YEAR_MS = 365 * 86_400_000;
const SIMPLE = (id: string) =>
  `id: ${id}\nstates:\n  - { name: done, type: inject, data: { ok: true }, end: true }\n`;

export async function createSandbox(compose: Obtained): Promise<Sandbox> {
  const work = await mkdtemp(join(tmpdir(), "station-guides-"));
  const [folder, programs, state] = [join(work, "station"), join(work, "programs"), join(work, "state")];
  for (const path of [folder, programs, state, join(folder, "append-only")]) await mkdir(path);
  await copyStation(folder);
  await symlink(join(root, "node_modules"), join(work, "node_modules"));
  await bundle(root, join(work, "bundle"));
  await writePrograms(programs, join(work, "bundle"));
  const receiver = createServer((request, response) => request.resume().on("end", () => response.end("ok")));
  await new Promise<void>((listening) => receiver.listen(0, "127.0.0.1", listening));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const token = "guide".repeat(8);
  const receives = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  await writeFile(join(folder, "slack-url"), `${receives}/slack`);

  const variables = {
    PATH: programs,
    HOME: work,
    GUIDE_FOLDER: folder,
    GUIDE_STATE: state,
    GUIDE_BUNDLE: join(work, "bundle"),
    GUIDE_PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"]}`,
    ...(compose.ok && { GUIDE_COMPOSE: compose.path }),
    PORT: String(port),
    STATION_URL: url,
    STATION_API_KEY: token,
    STATION_AUTH: "off",
    STATION_SECRET_KEYS: "k".repeat(32),
    STATION_LINK_KEYS: "k".repeat(32),
    STATION_PUBLIC_URL: url,
    STATION_OUTGOING_ALLOWED: "127.0.0.1",
    STATION_SMTP_URL: "smtp://127.0.0.1:9",
    STATION_MAIL_FROM: "station@example.com",
    STATION_AUDIT_SECONDS: "1",
  };
  const run: Sandbox["run"] = async (script, env = {}) => {
    const failing = "trap 'echo \"failed: $BASH_COMMAND\"' ERR";
    const child = spawn("/bin/bash", ["--norc", "-Eeuo", "pipefail", "-c", `${failing}\n${script}`], {
      cwd: folder,
      env: { ...variables, ...env },
    });
    // What a person would type: the key that `login` asks for.
    child.stdin.on("error", () => {}).end(`${token}\n`);
    const said = Promise.all([readAll(child.stdout), readAll(child.stderr)]);
    const code = new Promise<number | null>((ended) => child.once("exit", ended));
    return { code: await code, said: (await said).join("") };
  };

  const client = createClient({ baseUrl: url, apiKey: token });
  const kept = new Set<string>();
  const people = new AbortController();
  const approving = approveAll();

  /** Somebody who approves whatever is asked, but for what is kept for the guide. */
  async function approveAll(): Promise<void> {
    while (!people.signal.aborted) {
      // Guides start and stop the server.
      const { items } = await client
        .listApprovals({ query: { status: ["PENDING"] } })
        .catch(() => ({ items: [] }));
      for (const { approvalId, runId } of items)
        if (!kept.has(runId)) await client.approve({ params: { approvalId } }).catch(() => undefined);
      await delay(100);
    }
  }

  const start = (workflowId: string, input: Record<string, string>) =>
    client.startRun({ body: { workflowId, environment: "default", input } });

  const runs = async (workflowId: string) => {
    const { runId } = await start(workflowId, {});
    await eventually(async () => (await client.getRun({ params: { runId } })).status === "COMPLETED");
    return runId;
  };

  return {
    url,
    folder,
    token,
    receiver: receives,
    run,
    async asks() {
      const { runId } = await start("incident-triage", { namespace: "prod", service: "checkout" });
      kept.add(runId);
      return eventually(async () => {
        const { items } = await client.listApprovals({ query: { status: ["PENDING"] } });
        return items.find((approval) => approval.runId === runId)?.approvalId;
      });
    },
    runs,
    async archives() {
      // Without a key nothing would follow the checkpoints that were signed with one.
      const env = {
        STATION_RETENTION: "90d",
        STATION_ARCHIVE_DIR: join(folder, "archive"),
        STATION_AUDIT_KEY_FILE: "audit.key",
      };
      await run("[ -e audit.key ] || stn bundle keygen audit; npm start", env);
      const runId = await runs("report");
      // Runs leave when a checkpoint vouches for them.
      await eventually(async () => (await fetch(`${url}/api/v1/workflow-runs/${runId}/evidence`)).ok);
      await run("station-stops");
      const db = new DatabaseSync(join(folder, ".station/station.db"));
      db.exec(
        `update workflow_runs set created_at = created_at - ${YEAR_MS}, finished_at = finished_at - ${YEAR_MS}`,
      );
      db.close();
      await run("npm start", env);
      const [archive] = await eventually(async () => {
        const { items } = await client.listArchives({});
        return items.some(({ status }) => status === "done") && items;
      });
      return { archiveId: archive?.archiveId ?? "", file: archive?.file ?? "", runId };
    },
    async remove() {
      people.abort();
      await approving;
      for (const name of ["api", "worker"]) {
        const pid = Number(await readFile(join(state, `${name}.pid`), "utf8").catch(() => "0"));
        if (pid > 0) process.kill(pid, "SIGKILL");
      }
      receiver.close();
      await rm(work, { recursive: true, force: true });
    },
  };
}

async function copyStation(folder: string): Promise<void> {
  const filter = (path: string) =>
    !path.includes("node_modules") && !/\/(?:cdk\.out|dist)(?:\/|$)/.test(path);
  for (const path of [...COPIED, ...FILES])
    await cp(join(root, path), join(folder, path), { recursive: true, filter });
  for (const at of ["", "infra"])
    await symlink(join(root, at, "node_modules"), join(folder, at, "node_modules"));
  for (const id of ["report", "sweep"])
    await writeFile(join(folder, `environments/default/workflows/${id}.workflow.yaml`), SIMPLE(id));
}

/** Bash finds exactly these: whatever else a guide names is "command not found". */
async function writePrograms(programs: string, bundled: string): Promise<void> {
  const script = (name: string, line: string) =>
    writeFile(join(programs, name), `#!/bin/sh\nexec ${line} "$@"\n`, { mode: 0o755 });
  const standIn = fileURLToPath(new URL("stand-in.ts", import.meta.url));
  await script("stn", `${process.execPath} ${join(bundled, "stn.mjs")}`);
  for (const name of STOOD_IN_FOR) await script(name, `${process.execPath} ${standIn} ${name}`);
  for (const name of PROGRAMS_OF_THE_MACHINE) await script(name, `/usr/bin/${name}`);
}
