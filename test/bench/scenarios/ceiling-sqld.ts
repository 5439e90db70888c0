import type { Scenario } from "../scenario.ts";
import { ceilingRows, ceilingTrial } from "./throughput.ts";

/** The bare loop on an sqld, without and with a nats-server. */
export const ceilingSqld: Scenario = {
  name: "ceiling-sqld",
  summary: "design E of the README without an engine, on sqld, without and with a nats-server",
  parts: [
    (bench) => ceilingRows(bench, "ceiling-sqld", ceilingTrial(bench, { sqld: true, nats: false })),
    (bench) => ceilingRows(bench, "ceiling-sqld + nats", ceilingTrial(bench, { sqld: true, nats: true })),
  ],
};
