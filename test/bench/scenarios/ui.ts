import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Bench, Row, Scenario } from "../scenario.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const run = promisify(execFile);

/** What the web UI weighs, and how soon it is there with a run of 10,000 steps and a graph of 500 states. */
export const ui: Scenario = {
  name: "ui",
  summary: "the web UI: size of the first load, a run of 10,000 steps and a graph of 500 states in a browser",
  parts: [weight, inBrowser],
};

const ROW = { scenario: "ui", inFlight: null, other: null };

/** As its build weighs it, gzipped. */
async function weight(): Promise<readonly Row[]> {
  const { stdout } = await run(process.execPath, ["src/ui/build/build.ts"], { cwd: ROOT });
  const [limit] = found(stdout, /budget of (\d+) KB/);
  const [firstLoad] = found(stdout, /first load \(shell \+ heaviest page\)\s+([\d.]+)/);
  const [shell] = found(stdout, /shell and stylesheet\s+([\d.]+)/);
  return [
    { ...ROW, figure: "first load, gzipped", unit: "KB", ours: firstLoad, target: { atMost: limit } },
    { ...ROW, figure: "shell and stylesheet, gzipped", unit: "KB", ours: shell, target: null },
  ];
}

/** As the browser's own test measures it, with the limits of a machine that does nothing else. */
async function inBrowser({ say }: Bench): Promise<readonly Row[]> {
  say("ui: two pages in a browser");
  const vitest = ["node_modules/vitest/vitest.mjs", "run", "--config", "test/vitest.config.ts"];
  const { stdout } = await run(
    process.execPath,
    [...vitest, "--project", "browser", "test/browser/large.test.ts"],
    { cwd: ROOT, env: { ...process.env, STATION_BROWSER_STRICT: "1", NO_COLOR: "1" }, maxBuffer: 1 << 24 },
    // What is too slow fails there, and is a row here.
  ).catch((error: { readonly stdout?: string }) => ({ stdout: error.stdout ?? "" }));
  const [rowsMs, rowsCpuMs, frames] = found(
    stdout,
    /first rows after (\d+) ms, (\d+) ms of them the page's own work; (\d+) frames/,
  );
  const [graphMs, graphCpuMs] = found(
    stdout,
    /500 states: there after (\d+) ms, (\d+) ms of them the page's own work/,
  );
  const row = { ...ROW, unit: "ms", target: null };
  return [
    { ...row, figure: "a run of 10,000 steps: first rows", ours: rowsMs, target: { atMost: 1500 } },
    { ...row, figure: "a run of 10,000 steps: the page's own work", ours: rowsCpuMs },
    { ...row, figure: "a run of 10,000 steps: scrolling", unit: "frames per second", ours: frames },
    { ...row, figure: "a graph of 500 states: there", ours: graphMs, target: { atMost: 3000 } },
    { ...row, figure: "a graph of 500 states: the page's own work", ours: graphCpuMs },
  ];
}

/** The numbers that a pattern finds in what a program printed. */
function found(text: string, pattern: RegExp): readonly [number, number, number] {
  const numbers = pattern.exec(text);
  if (numbers === null) throw new Error(`nothing like ${pattern} in: ${text.slice(-500)}`);
  const [, first, second, third] = numbers.map(Number);
  return [first ?? Number.NaN, second ?? Number.NaN, third ?? Number.NaN];
}
