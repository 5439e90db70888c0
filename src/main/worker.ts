import { aborted, cannotStart, configured, untilStopped } from "./process.ts";
import { startWorking } from "./serve.ts";
import { giveBackSpareMemory } from "./spare-memory.ts";

// The worker container.
const { config, log } = configured(process.env, "worker");
const stopped = untilStopped(log, config.drainTimeoutMs);
const working = await startWorking(config, log, stopped).catch(cannotStart(log, stopped));
giveBackSpareMemory();
await aborted(stopped);
await working.close();
process.exit(0);
