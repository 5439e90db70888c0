import { parseArgs } from "node:util";
import { BUGS } from "./bugs.ts";
import { findBug } from "./find-bug.ts";

/** `npm run mutations [-- name…] [--most n]`: plants every bug of the list and says what it took until it showed. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { most: { type: "string" }, seed: { type: "string" } },
});
const bugs = BUGS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const missed: string[] = [];
for (const bug of bugs) {
  const { after, broken } = await findBug(bug, {
    ...(values.most !== undefined && { most: Number(values.most) }),
    ...(values.seed !== undefined && { seed: Number(values.seed) }),
  });
  if (broken === null) missed.push(bug.name);
  const what = bug.shownBy === "simulation" ? "runs" : "histories";
  console.log(`${bug.name.padEnd(34)} ${broken === null ? "MISSED" : "shown"} after ${after} ${what}`);
  console.log(`  ${bug.story}`);
  if (broken !== null) console.log(`  → ${broken.split("\n")[0]?.slice(0, 160)}`);
}
console.log(`${bugs.length - missed.length} of ${bugs.length} planted bugs shown`);
if (missed.length > 0) process.exitCode = 1;
