import { Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { Duration } from "aws-cdk-lib/core";
import { LOAD } from "../shared/runtime-contract.ts";
import type { EcsConfig } from "./config.ts";

/** What the API tasks say of the whole installation once a minute, by lines of their log. */
export function loadMetric(
  { name }: EcsConfig,
  metricName: typeof LOAD.backlogPerWorker | typeof LOAD.oldestTask,
): Metric {
  return new Metric({
    namespace: LOAD.namespace,
    metricName,
    dimensionsMap: { station: name },
    // Each task says the same: together they are not more.
    statistic: Stats.MAXIMUM,
    period: Duration.minutes(1),
  });
}
