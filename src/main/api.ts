import { aborted, cannotStart, configured, untilStopped } from "./process.ts";
import { startServing } from "./serve.ts";
import { giveBackSpareMemory } from "./spare-memory.ts";

// The API container, and the whole of Station when nothing is configured.
const { config, log } = configured(process.env, "api");
const stopped = untilStopped(log, config.drainTimeoutMs);
const serving = await startServing(config, log, stopped).catch(cannotStart(log, stopped));
giveBackSpareMemory();
await aborted(stopped);
await serving.close();
process.exit(0);
