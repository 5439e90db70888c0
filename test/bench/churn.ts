import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { churn } from "../support/churn.ts";

// `node test/bench/churn.ts --steps 1000000`: steps come and go; what is left of them on disk.
const { values } = parseArgs({ options: { steps: { type: "string", default: "1000000" } } });
const migrationsDir = fileURLToPath(new URL("../../migrations/", import.meta.url));
const found = await churn(Number(values.steps), migrationsDir, (text) => process.stderr.write(`${text}\n`));
process.stdout.write(`${JSON.stringify({ ...found, ratio: found.fileBytes / found.liveBytes }, null, 2)}\n`);
