import { readFileSync } from "node:fs";
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
  const before = ticksOf(pid).own;
  const begun = performance.now();
  await delay(ms);
  // The kernel counts in hundredths of a second, whatever its own tick is.
  return (ticksOf(pid).own - before) / ((performance.now() - begun) / 1000);
}

/** CPU that a process has used so far, without its children; microseconds, by hundredths of a second. */
export function cpuMicrosOwn(pid: number): number {
  return ticksOf(pid).own * 10_000;
}

/** CPU that a process's children and theirs have used so far, the ended ones included; microseconds, by hundredths. */
export function cpuMicrosOfChildren(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  const living = children === "" ? [] : children.split(" ").map(Number);
  return living.reduce((sum, child) => sum + cpuMicrosOf(child), ticksOf(pid).ended * 10_000);
}

function cpuMicrosOf(pid: number): number {
  try {
    return cpuMicrosOwn(pid) + cpuMicrosOfChildren(pid);
  } catch (error) {
    // It ended a moment ago: from then on its parent counts it.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}

/** Hundredths of a second: the process's own, and those of the children it has waited for. */
function ticksOf(pid: number): { readonly own: number; readonly ended: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    own: Number(fields[11]) + Number(fields[12]),
    ended: Number(fields[13]) + Number(fields[14]),
  };
}
