import { execFile } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, release, type as systemName, totalmem } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import Libsql from "libsql";
import { obtainNats, obtainSqld } from "../support/server-binaries.ts";
import { percentile } from "./measure.ts";

/** Where the figures come from: without this they mean nothing. */
export type Machine = Readonly<Record<string, string | number>>;

/** Looks at the machine, the disk under `directory` and the versions of everything measured. */
export async function machineOf(directory: string): Promise<Machine> {
  const [nats, sqld, commit, fileSystem, syncMs] = await Promise.all([
    obtainNats(),
    obtainSqld(),
    commitOf(),
    fileSystemOf(directory),
    syncLatency(directory),
  ]);
  return {
    date: new Date().toISOString(),
    commit,
    cpu: cpus()[0]?.model.trim() || "unknown",
    cores: availableParallelism(),
    "memory (GiB)": Math.round(totalmem() / 2 ** 30),
    kernel: `${systemName()} ${release()}`,
    "file system": fileSystem,
    "4 KiB + fdatasync (ms, p50)": Number(syncMs.toFixed(3)),
    "load before": Number((loadavg()[0] ?? 0).toFixed(2)),
    node: process.version,
    SQLite: sqliteVersion(),
    "nats-server": nats.ok ? `${nats.version} (${nats.origin})` : "none",
    sqld: sqld.ok ? `${sqld.version} (${sqld.origin})` : "none",
  };
}

function sqliteVersion(): string {
  const db = new Libsql(":memory:");
  const [version] = db.prepare("select sqlite_version()").raw(true).get([]) as [string];
  db.close();
  return version;
}

async function commitOf(): Promise<string> {
  const git = async (...args: string[]) =>
    (await promisify(execFile)("git", args, { cwd: import.meta.dirname })).stdout.trim();
  try {
    const changed = await git("status", "--porcelain", "--", "../../src", "../../migrations");
    return `${await git("rev-parse", "--short", "HEAD")}${changed === "" ? "" : " with changes"}`;
  } catch {
    return "unknown";
  }
}

/** The type of the file system under a directory; a database on tmpfs would be measured without its disk. */
async function fileSystemOf(directory: string): Promise<string> {
  const mounts = await readFile("/proc/mounts", "utf8").catch(() => "");
  const found = mounts
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, at = "-"]) => `${directory}/`.startsWith(at === "/" ? at : `${at}/`))
    .sort(([, a = ""], [, b = ""]) => b.length - a.length);
  const [device = "?", , type = "unknown"] = found[0] ?? [];
  return type === "tmpfs" ? "tmpfs: NOT A DISK, these figures say nothing" : `${type} on ${device}`;
}

/** How long the disk takes to keep 4 KiB: what every commit waits for. */
async function syncLatency(directory: string): Promise<number> {
  const file = await open(join(directory, "sync.probe"), "w");
  const page = Buffer.alloc(4096, 1);
  const times: number[] = [];
  for (let count = 0; count < 200; count++) {
    const begun = performance.now();
    await file.write(page);
    await file.datasync();
    times.push(performance.now() - begun);
  }
  await file.close();
  return percentile(times, 0.5);
}
