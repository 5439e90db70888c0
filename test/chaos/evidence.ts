import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { History } from "./history.ts";
import type { Death } from "./supervised.ts";

/** What the processes' logs tell. */
export type Logged = {
  /** Attempts that were executed to their end, and how many of them more than once. */
  readonly executions: number;
  readonly duplicateExecutions: number;
  /** Lines of level `error` by message, with one of them as an example. */
  readonly errors: Readonly<Record<string, { readonly count: number; readonly example: string }>>;
};

/** Reads all logs in a directory. */
export async function readLogs(directory: string): Promise<Logged> {
  const executed = new Map<string, number>();
  const errors: Record<string, { count: number; example: string }> = {};
  for (const file of (await readdir(directory)).filter((name) => name.endsWith(".log")))
    for await (const line of createInterface({ input: createReadStream(join(directory, file)) })) {
      if (line.includes('"step executed"') && line.includes('"executor":"agent.run"')) {
        const key = /"step_id":"(\w+)","attempt":(\d+)/.exec(line)?.slice(1).join(" ") ?? line;
        executed.set(key, (executed.get(key) ?? 0) + 1);
      }
      if (!line.includes('"level":"error"')) continue;
      const message = /"message":"([^"]*)"/.exec(line)?.[1] ?? "?";
      errors[message] ??= { count: 0, example: line.slice(0, 2000) };
      errors[message].count++;
    }
  const executions = [...executed.values()].reduce((total, count) => total + count, 0);
  return { executions, duplicateExecutions: executions - executed.size, errors };
}

/** A step that was in a worker's hands when that was killed, and after how many ms another had it. */
export type Recovery = { readonly killedAt: number; readonly ms: number };

/** From the events: whose hands a step was in, and when the next took it over. Worker ids hold their process's id. */
export function recoveriesIn(histories: readonly History[], deaths: readonly Death[]): readonly Recovery[] {
  const killedAt = new Map(deaths.map(({ pid, at }) => [String(pid), at]));
  const recoveries: Recovery[] = [];
  for (const { events } of histories) {
    const holders = new Map<string, string>();
    for (const { type, stepId, at, data } of events) {
      if (stepId === null || (type !== "step.started" && type !== "step.reclaimed")) continue;
      const { worker } = data["lease"] as { worker: string };
      const died = killedAt.get(holders.get(stepId) ?? "");
      holders.set(stepId, worker.split(":")[1] ?? "");
      const taken = Date.parse(at);
      if (type === "step.reclaimed" && died !== undefined && taken >= died)
        recoveries.push({ killedAt: died, ms: taken - died });
    }
  }
  return recoveries;
}

/** The p50, p99 and maximum of some numbers; `null` without any. */
export function spreadOf(numbers: readonly number[]) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return sorted.length === 0
    ? null
    : { count: sorted.length, p50: at(0.5), p99: at(0.99), max: sorted.at(-1) };
}
