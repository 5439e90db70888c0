import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

/** Resident memory of a process now and at its highest, in MB (10^6 bytes); Linux only. */
export async function memoryOf(pid: number): Promise<{ readonly now: number; readonly highest: number }> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]);
  return { now: (kilobytes("VmRSS") * 1024) / 1e6, highest: (kilobytes("VmHWM") * 1024) / 1e6 };
}

/** The share of one core a process uses during `ms`, in percent. */
export async function cpuOf(pid: number, ms: number): Promise<number> {
  const before = await ticksOf(pid);
  const begun = performance.now();
  await delay(ms);
  // The kernel counts in hundredths of a second, whatever its own tick is.
  return ((await ticksOf(pid)) - before) / ((performance.now() - begun) / 1000);
}

async function ticksOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}
