import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  Stats,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import {
  type ApplicationLoadBalancer,
  type ApplicationTargetGroup,
  HttpCodeTarget,
} from "aws-cdk-lib/aws-elasticloadbalancingv2";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Duration } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { LOAD } from "../shared/runtime-contract.ts";
import type { EcsConfig } from "./config.ts";
import { loadMetric } from "./load-metric.ts";

/** Scaling has had its time by then: 1 to 3 minutes. */
const LATE_SECONDS = 300;

type Watched = {
  readonly balancer: ApplicationLoadBalancer;
  readonly targets: ApplicationTargetGroup;
  readonly key: IKey;
};

/** What wakes somebody up: subscribe to the topic. */
export function createAlarms(
  scope: Construct,
  config: EcsConfig,
  { balancer, targets, key }: Watched,
): Topic {
  const topic = new Topic(scope, "Alarms", {
    topicName: `${config.name}-alarms`,
    enforceSSL: true,
    masterKey: key,
  });
  const period = Duration.minutes(1);
  const alarm = (
    id: string,
    metric: IMetric,
    limit: { readonly above: number } | { readonly below: number },
    missing = TreatMissingData.NOT_BREACHING,
  ) =>
    new Alarm(scope, id, {
      alarmName: `${config.name}-${id}`,
      metric,
      threshold: "above" in limit ? limit.above : limit.below,
      comparisonOperator:
        "above" in limit ? ComparisonOperator.GREATER_THAN_THRESHOLD : ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
      treatMissingData: missing,
    }).addAlarmAction(new SnsAction(topic));

  alarm("api-unhealthy", targets.metrics.unhealthyHostCount({ period }), { above: 0 });
  alarm("api-5xx", balancer.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, { period }), {
    above: 5,
  });
  for (const program of ["api", "worker"] as const)
    alarm(
      `${program}-missing`,
      new Metric({
        namespace: "ECS/ContainerInsights",
        metricName: "RunningTaskCount",
        dimensionsMap: { ClusterName: config.name, ServiceName: `${config.name}-${program}` },
        statistic: Stats.MINIMUM,
        period,
      }),
      { below: config[program].min },
      // Nobody reports where nobody runs.
      TreatMissingData.BREACHING,
    );
  // Nobody takes it, or nobody says so: scaling does nothing while the figures are missing.
  const oldest = loadMetric(config, LOAD.oldestTask);
  alarm("oldest-task", oldest, { above: LATE_SECONDS }, TreatMissingData.BREACHING);
  return topic;
}
