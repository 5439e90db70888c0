import type { Scenario } from "../scenario.ts";
import { ceilingRows, ceilingTrial } from "./throughput.ts";

/** The bare loop on a file, without and with a nats-server. */
export const ceilingFile: Scenario = {
  name: "ceiling-file",
  summary: "design I of the README without an engine, on a file, without and with a nats-server",
  parts: [
    (bench) => ceilingRows(bench, "ceiling-file", ceilingTrial(bench, { sqld: false, nats: false })),
    (bench) => ceilingRows(bench, "ceiling-file + nats", ceilingTrial(bench, { sqld: false, nats: true })),
  ],
};
