import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Options, optionsFrom } from "./options.ts";

// `npm run chaos`: one deployment in a storm, or, because most of a storm is waiting, several beside each other. Each
// tells of itself; the last line on standard output is the sum of all.

/** What of the storms' last lines is added up. */
const SUMMED = ["kills", "killsInHand", "wipes", "outages", "runs", "events", "executions"] as const;
const FAILED = ["lost", "twice", "untraced", "secrets", "violations"] as const;

/** What came of one storm; `told` is `null` when it ended without its last line. */
type Ended = { readonly isWell: boolean; readonly told: Readonly<Record<string, number>> | null };

const children: ChildProcess[] = [];
process.once("exit", () => {
  for (const child of children) child.kill();
});

const options = optionsFrom(process.argv.slice(2));
if (options.storms === 1) await import("./chaos.ts");
else process.exitCode = (await all(options)) ? 0 : 1;

/** Plays all storms to their ends; false when one of them found anything, or did not come to its end. */
async function all({ storms, seed, mode }: Options): Promise<boolean> {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
  const startedAt = Date.now();
  const ended = await Promise.all(Array.from({ length: storms }, (_, index) => storm(options, index)));
  const told = ended.flatMap(({ told }) => (told === null ? [] : [told]));
  const sum = (of: (one: Readonly<Record<string, number>>) => number) =>
    told.reduce((total, one) => total + of(one), 0);
  const longest = Math.max(...told.map(({ stormSeconds = 0 }) => stormSeconds));
  const inStorms = sum(({ killsPerMinute = 0, stormSeconds = 0 }) => killsPerMinute * stormSeconds);
  const summary = {
    ...{ storms, untold: storms - told.length, seed, mode },
    ...Object.fromEntries([...SUMMED, ...FAILED].map((name) => [name, sum((one) => one[name] ?? 0)])),
    ...{ killsPerMinute: Math.round(inStorms / longest), stormSeconds: longest },
    seconds: Math.round((Date.now() - startedAt) / 1000),
  };
  process.stdout.write(`${JSON.stringify(summary)}\n`);
  return ended.every(({ isWell }) => isWell);
}

/** One of the storms, with a seed of its own and its share of what is to be done. */
function storm(whole: Options, index: number): Promise<Ended> {
  const { storms, mode, kills, wipes, runs, minutes, versions, keep } = whole;
  const share = (total: number) => String(Math.ceil(total / storms));
  const seed = String(whole.seed + index);
  const child = spawn(
    process.execPath,
    [
      ...[join(import.meta.dirname, "chaos.ts"), "--mode", mode, "--seed", seed, "--minutes", `${minutes}`],
      ...["--kills", share(kills), "--wipes", share(wipes), "--runs", share(runs)],
      ...(versions === null ? [] : ["--versions", versions]),
      ...(keep ? ["--keep"] : []),
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  children.push(child);
  createInterface({ input: child.stderr }).on("line", (line) => process.stderr.write(`${seed}  ${line}\n`));
  let told: Ended["told"] = null;
  createInterface({ input: child.stdout }).on("line", (line) => {
    process.stdout.write(`${line}\n`);
    told = JSON.parse(line);
  });
  // Not "exit": what it said last may still be on its way.
  return new Promise((resolve) =>
    child.once("close", (code) => resolve({ isWell: code === 0 && told !== null, told })),
  );
}
