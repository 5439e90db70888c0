import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const module = new URL("./spare-memory.ts", import.meta.url).href;

/** Works with much in hand, as much on a busy machine, then waits; says how much it held then, and in the end, in MB. */
const PROGRAM = `
  import { setTimeout } from "node:timers/promises";
  const { giveBackSpareMemory } = await import(${JSON.stringify(module)});
  giveBackSpareMemory(200);
  const megabytes = () => process.memoryUsage.rss() / 1e6;
  let kept = [];
  for (let round = 0; round < 10; round++) {
    kept = Array.from({ length: 600_000 }, (_, index) => ({ index, text: String(index) }));
    await setTimeout(1);
  }
  kept = [];
  const held = megabytes();
  const deadline = performance.now() + 20_000;
  while (megabytes() > held / 2 && performance.now() < deadline) await setTimeout(100);
  console.log(JSON.stringify({ held, left: megabytes() }));
`;

test("a process that has nothing more to do gives back what its work has taken", async () => {
  const args = ["--input-type=module", "--eval", PROGRAM];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { held, left } = JSON.parse(stdout);
  expect(left).toBeLessThan(held / 2 + 1);
});
