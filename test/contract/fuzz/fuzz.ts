import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";

// `npm run fuzz -- [--minutes N] [--seed S] [--path P] [file …]`: every property of these files, or of all, for so long.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    path: { type: "string" },
  },
});
const seconds = Number(values.minutes) * 60;
if (!(seconds > 0))
  throw new Error(`--minutes ${values.minutes}: how long each property is tried, such as 0.5`);
if (!Number.isInteger(Number(values.seed))) throw new Error(`--seed ${values.seed}: a whole number`);
const files = positionals.length === 0 ? [""] : positionals;
console.error(`seed ${values.seed}, ${seconds} s for each property`);
const { status } = spawnSync(
  process.execPath,
  [
    ...[
      "node_modules/vitest/vitest.mjs",
      "run",
      "--config",
      "test/vitest.config.ts",
      "--project",
      "contract",
    ],
    ...files.map((file) => `test/contract/fuzz/${file}`),
  ],
  {
    cwd: join(import.meta.dirname, "../../.."),
    stdio: "inherit",
    env: {
      ...process.env,
      FUZZ_SECONDS: String(seconds),
      FUZZ_SEED: values.seed,
      ...(values.path !== undefined && { FUZZ_PATH: values.path }),
    },
  },
);
process.exitCode = status ?? 1;
