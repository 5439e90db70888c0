import type { Scenario } from "../scenario.ts";
import { ceilingTrial, comparedRows, ourTrial } from "./throughput.ts";

/** The same with a real nats-server in between. A file belongs to one process, so that is API and worker at once. */
export const nats: Scenario = {
  name: "nats",
  summary: "ten-step runs through a real nats-server, one process on a file",
  parts: [
    (bench) =>
      comparedRows(
        bench,
        "nats",
        { ours: ourTrial(bench, { nats: true }), ceiling: ceilingTrial(bench, { sqld: false, nats: true }) },
        { rateAt64: 0.65 },
      ),
  ],
};
