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
import type { EcsConfig } from "./config.ts";

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
  if (config.backlogPerWorker) {
    const { namespace, name, target } = config.backlogPerWorker;
    const dimensionsMap = { station: config.name };
    const metric = new Metric({
      namespace,
      metricName: name,
      dimensionsMap,
      statistic: Stats.MAXIMUM,
      period,
    });
    // Scaling does nothing while the figure is missing.
    alarm("backlog", metric, { above: 5 * target }, TreatMissingData.BREACHING);
  }
  return topic;
}
