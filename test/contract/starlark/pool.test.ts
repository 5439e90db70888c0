import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { afterEach, describe, expect, test, vi } from "vitest";
import { loadModule } from "../../../src/adapters/starlark/artefact.ts";
import { createPool, type Pool, type PoolLimits } from "../../../src/adapters/starlark/pool.ts";
import { toSources } from "../../../src/adapters/starlark/program.ts";
import { createStarlark } from "../../../src/adapters/starlark/starlark.ts";
import { webAssembly } from "../../../src/adapters/starlark/webassembly.ts";

const limits = { threads: 2, memoryMiB: 64, wallMs: 300 };
const loop = "[0 for a in range(1000000) for b in range(1000000) if a == b + 10000000]";
const hog = "[str(i) * 3000000 for i in range(100000)]";

let pool: Pool | undefined;
afterEach(async () => {
  await pool?.close();
  pool = undefined;
});

async function start(options: Partial<PoolLimits> = {}): Promise<Pool> {
  pool = createPool(await loadModule(limits.memoryMiB), { ...limits, ...options });
  return pool;
}

function batch(texts: readonly string[], until?: "first-true") {
  const programs = texts.map((text) => ({ mode: "expression", text }) as const);
  return { sources: toSources(programs, []), context: '{"n":5}', steps: 1e12, until };
}

async function ask(
  running: Pool,
  texts: readonly string[],
  until?: "first-true",
): Promise<readonly string[]> {
  const answers = await running.evaluate(batch(texts, until));
  return answers.map((it) => (it.ok ? it.text : it.error.kind));
}

test("a program that overruns the wall limit is tried twice, and the others keep their answers", async () => {
  const running = await start();
  await running.warm();
  const before = performance.now();
  expect(await ask(running, ["n", "n + 1", loop, "n + 2", "nope"])).toEqual([
    "5",
    "6",
    "timeout",
    "7",
    "name",
  ]);
  expect(performance.now() - before).toBeGreaterThan(2 * limits.wallMs);
});

test("several bad programs in one message each get their own verdict", async () => {
  expect(await ask(await start({ wallMs: 2_000 }), [hog, "n", loop, hog, "n"])).toEqual([
    "memory",
    "5",
    "timeout",
    "memory",
    "5",
  ]);
});

test("the first true value still ends a batch in which a program was killed", async () => {
  expect(await ask(await start(), ["n > 9", loop, "n == 5", "n"], "first-true")).toEqual([
    "false",
    "timeout",
    "true",
  ]);
  expect(await ask(await start(), ["n == 5", loop], "first-true")).toEqual(["true"]);
});

test("other messages do not wait for one that hangs", async () => {
  const running = await start({ wallMs: 3_000 });
  await running.warm();
  const hanging = ask(running, [loop]);
  const before = performance.now();
  for (let i = 0; i < 20; i++) expect(await ask(running, ["n"])).toEqual(["5"]);
  expect(performance.now() - before).toBeLessThan(2_700);
  expect(await hanging).toEqual(["timeout"]);
});

test("more messages than threads are all answered", async () => {
  const running = await start();
  const texts = Array.from({ length: 500 }, (_, i) => `n + ${i}`);
  const answers = await Promise.all(texts.map((text) => ask(running, [text])));
  expect(answers.flat()).toEqual(texts.map((_, i) => String(5 + i)));
});

test("an answer that arrived while this process was busy is not a timeout", async () => {
  const running = await start({ threads: 1 });
  await running.warm();
  const answer = running.evaluate(batch(["n"]));
  const until = performance.now() + 2 * limits.wallMs;
  while (performance.now() < until);
  const [first] = await answer;
  expect(first).toMatchObject({ ok: true, text: "5" });
});

test("a program is not to blame for the time in which its process stood still", async () => {
  const url = (name: string) =>
    JSON.stringify(new URL(`../../../src/adapters/starlark/${name}.ts`, import.meta.url).href);
  const script = `
    import { loadModule } from ${url("artefact")};
    import { createPool } from ${url("pool")};
    const pool = createPool(await loadModule(64), { threads: 1, memoryMiB: 64, wallMs: 300 });
    await pool.warm();
    console.log("warm");
    const sources = [{ key: "a", mode: "expression", text: "len(str([a for a in range(20000)]))", stateResults: [] }];
    console.log(JSON.stringify(await pool.evaluate({ sources, context: "{}", steps: 1e12 })));
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script]);
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  const ended = once(child, "exit");
  await vi.waitFor(() => expect(out).toContain("warm"), { timeout: 20_000 });
  // It runs for some milliseconds only, now and then.
  while (child.exitCode === null) {
    child.kill("SIGSTOP");
    await delay(320);
    child.kill("SIGCONT");
    await delay(20);
  }
  await ended;
  expect(out).toContain('"ok":true');
});

test("memory grown by one program is given back before it disturbs the next", async () => {
  const running = await start({ threads: 1, wallMs: 5_000 });
  const large = "len([str(i) * 2000 for i in range(3000)])";
  for (let i = 0; i < 4; i++) expect(await ask(running, [large, "n"])).toEqual(["3000", "5"]);
});

test("threads that cannot start are an error with its cause, not an endless loop", async () => {
  const empty = await webAssembly.compile(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
  pool = createPool(empty, limits);
  const error = await pool.evaluate(batch(["n"])).catch((it: Error) => it);
  expect(error).toMatchObject({ message: "the evaluator's threads do not start", cause: expect.any(Error) });
});

describe("close", () => {
  test("ends what is running and refuses what comes after", async () => {
    const running = await start({ wallMs: 10_000 });
    await running.warm();
    const hanging = running.evaluate(batch([loop])).catch((error: Error) => error.message);
    const waiting = Array.from({ length: 3 }, () =>
      ask(running, [loop]).catch((error: Error) => error.message),
    );
    await running.close();
    const closed = "the evaluator is closed";
    expect(await Promise.all([hanging, ...waiting])).toEqual([closed, closed, closed, closed]);
    await expect(running.evaluate(batch(["n"]))).rejects.toThrow(closed);
  });

  test("works before anything has started", async () => {
    const starlark = createStarlark();
    await starlark.close();
    await expect(
      starlark.evaluate([{ mode: "expression", text: "1" }], { layers: [], stateResults: [] }),
    ).rejects.toThrow(/closed/);
  });
});

test("a process that has asked everything exits by itself, though nothing was closed", async () => {
  const url = new URL("../../../src/adapters/starlark/starlark.ts", import.meta.url);
  const script = `
    import { createStarlark } from ${JSON.stringify(url.href)};
    const starlark = createStarlark();
    const programs = ["1 + 1", "len([x for x in range(5000)])"].map((text) => ({ mode: "expression", text }));
    const answers = await starlark.evaluate(programs, { layers: [], stateResults: [] });
    console.log(answers.map((it) => it.value).join());
  `;
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], { timeout: 8_000 });
  expect(stdout).toBe("2,5000\n");
}, 10_000);
