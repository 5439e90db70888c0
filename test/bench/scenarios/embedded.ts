import type { Scenario } from "../scenario.ts";
import { ceilingTrial, comparedRows, ourTrial } from "./throughput.ts";

/** The whole engine in one process on a file, against the bare loop on a file. */
export const embedded: Scenario = {
  name: "embedded",
  summary: "ten-step runs through the whole engine in one process on a file",
  parts: [
    (bench) =>
      comparedRows(
        bench,
        "embedded",
        {
          ours: ourTrial(bench, { nats: false }),
          ceiling: ceilingTrial(bench, { sqld: false, nats: false }),
        },
        { rateAt64: 0.65, loneStep: 4 },
      ),
  ],
};
