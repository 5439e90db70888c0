import type { Clock } from "../engine/ports.ts";

/** The machine's own. */
export const systemClock: Clock = { now: () => Date.now(), random: () => Math.random() };
