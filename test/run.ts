import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

// `npm test`: every suite that ends within about ten minutes, one after the other, and a table of what came of them.

/** What came of a suite. */
type Result = {
  readonly suite: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
  /** Why something in it did not run. */
  readonly skips: readonly string[];
  /** The tests that failed, and passed when their files were run once more by themselves. */
  readonly flaky: readonly string[];
};

/** The part of vitest's JSON report that is needed here. */
type Report = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    /** The file's path. */
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
};

const SIMULATED_RUNS = 2000;
const FIRST_SEED = 1001;
/** With more files than this failing something is broken, and nothing is tried twice. */
const MOST_FILES_AGAIN = 3;

const root = join(import.meta.dirname, "..");
const reports = await mkdtemp(join(tmpdir(), "station-test-"));
try {
  heading("servers");
  await run(["test/support/servers.ts"]);
  const results: Result[] = [];
  // What the platforms' definitions are written with is installed on its own, while others do not need it yet.
  const preparing = run(["infra/prepare.ts"]);
  for (const project of ["fast", "contract", "integration"]) results.push(await vitest(project));
  if ((await preparing).code !== 0)
    console.error("!!! the packages of infra/ cannot be installed: its suite will fail");
  for (const project of ["infra", "cloud", "browser"]) results.push(await vitest(project));
  results.push(await simulation());
  console.log(`\n${table(results)}\n`);
  for (const { suite, skips } of results)
    for (const skip of skips) console.log(`!!! NOT RUN in ${suite}: ${skip}`);
  for (const { suite, flaky } of results)
    for (const name of flaky) console.log(`!!! FLAKY in ${suite}, passed when run again: ${name}`);
  const [passed, failed] = [sum(results, "passed"), sum(results, "failed")];
  process.exitCode = failed === 0 ? 0 : 1;
  console.log(`${passed} passed, ${failed} failed`);
} finally {
  await rm(reports, { recursive: true, force: true });
}

/**
 * Runs a suite. Where few of its files fail, these are run once more: what passes then is reported as flaky, because
 * processes, servers and a browser on a machine that others share are sometimes late. What fails twice has failed.
 */
async function vitest(project: string): Promise<Result> {
  heading(project);
  const first = await attempt(project, []);
  const files = first.report.testResults.filter(({ status }) => status === "failed").map(({ name }) => name);
  if (files.length === 0 || files.length > MOST_FILES_AGAIN) return resultOf(project, first);
  heading(`${project}: once more what failed`);
  const again = await attempt(project, files);
  const failed = failuresIn(again.report, again.code);
  const before = namesIn(first.report, (status) => status === "failed");
  const still = new Set(namesIn(again.report, (status) => status === "failed"));
  return {
    ...resultOf(project, first),
    passed: first.report.numPassedTests + Math.max(0, first.report.numFailedTests - failed),
    failed,
    seconds: first.seconds + again.seconds,
    flaky: before.filter((name) => !still.has(name)),
  };
}

async function attempt(project: string, files: readonly string[]) {
  const file = join(reports, `${project}.json`);
  await rm(file, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const args = ["node_modules/vitest/vitest.mjs", "run", "--config", "test/vitest.config.ts"];
  const ran = await run([...args, "--project", project, ...reporters, ...files]);
  return { ...ran, report: await readReport(file) };
}

function resultOf(
  suite: string,
  { report, code, seconds, skips }: Awaited<ReturnType<typeof attempt>>,
): Result {
  const skipped = report.numPendingTests + report.numTodoTests;
  const passedOrFailed = (status: string) => status === "passed" || status === "failed";
  const reasons =
    skipped > 0 && skips.length === 0 ? namesIn(report, (status) => !passedOrFailed(status)) : skips;
  const failed = failuresIn(report, code);
  return { suite, passed: report.numPassedTests, failed, skipped, seconds, skips: reasons, flaky: [] };
}

function failuresIn(report: Report, code: number | null): number {
  // A file that cannot be loaded has no tests to fail; an error outside all tests fails none.
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  ).length;
  const counted = report.numFailedTests + broken;
  return code !== 0 && counted === 0 ? 1 : counted;
}

async function simulation(): Promise<Result> {
  const suite = `simulation of ${SIMULATED_RUNS} runs`;
  heading(suite);
  const { code, seconds } = await run([
    "test/simulation/simulations.ts",
    String(SIMULATED_RUNS),
    String(FIRST_SEED),
  ]);
  const failed = code === 0 ? 0 : 1;
  return { suite, passed: 1 - failed, failed, skipped: 0, seconds, skips: [], flaky: [] };
}

/** Runs a program of ours to its end. Its output is shown as it comes; what it says that it skips is kept. */
async function run(args: readonly string[]) {
  const startedAt = Date.now();
  const skips: string[] = [];
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "pipe"],
    env: { ...process.env, PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"]}` },
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  for await (const line of createInterface({ input: child.stderr })) {
    process.stderr.write(`${line}\n`);
    if (line.startsWith("!!! SKIPPED: ")) skips.push(line.slice("!!! SKIPPED: ".length));
    else if (line.startsWith("!!! ")) skips.push(`${skips.pop() ?? ""}: ${line.slice("!!! ".length)}`);
  }
  return { code: await ended, seconds: Math.round((Date.now() - startedAt) / 1000), skips };
}

async function readReport(file: string): Promise<Report> {
  const none = {
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [],
  };
  return readFile(file, "utf8").then(JSON.parse, () => none);
}

function namesIn({ testResults }: Report, which: (status: string) => boolean): readonly string[] {
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => which(status))
    .map(({ fullName }) => fullName);
}

function table(results: readonly Result[]): string {
  const rows = results.map(({ suite, passed, failed, skipped, seconds }) =>
    [suite, passed, failed, skipped, `${seconds} s`].map(String),
  );
  const all = [["suite", "passed", "failed", "skipped", "time"], ...rows];
  const widths = [0, 1, 2, 3, 4].map((i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  ");
  return all.map(line).join("\n");
}

function sum(results: readonly Result[], column: "passed" | "failed"): number {
  return results.reduce((total, result) => total + result[column], 0);
}

function heading(suite: string): void {
  console.log(`\n=== ${suite} ${"=".repeat(Math.max(0, 100 - suite.length))}\n`);
}
