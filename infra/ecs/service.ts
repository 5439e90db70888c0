import { SecurityGroup, SubnetType, type Vpc } from "aws-cdk-lib/aws-ec2";
import {
  AvailabilityZoneRebalancing,
  type Cluster,
  FargateService,
  type FargateTaskDefinition,
  PropagatedTagSource,
} from "aws-cdk-lib/aws-ecs";
import { Duration } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { LOAD } from "../shared/runtime-contract.ts";
import type { EcsConfig } from "./config.ts";
import { loadMetric } from "./load-metric.ts";

/** Keeps tasks of a program running in all zones; a deployment that does not come up is taken back. */
export function createService(
  scope: Construct,
  program: "api" | "worker",
  config: EcsConfig,
  {
    cluster,
    vpc,
    task,
  }: { readonly cluster: Cluster; readonly vpc: Vpc; readonly task: FargateTaskDefinition },
): FargateService {
  const { min, max } = config[program];
  const service = new FargateService(scope, `${program}-service`, {
    cluster,
    taskDefinition: task,
    serviceName: `${config.name}-${program}`,
    // No number of tasks: each deployment would go back to it, however many there have to be by then.
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    circuitBreaker: { rollback: true },
    availabilityZoneRebalancing: AvailabilityZoneRebalancing.ENABLED,
    assignPublicIp: false,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
    securityGroups: [
      new SecurityGroup(scope, `${program}-group`, { vpc, description: `what ${program} may reach` }),
    ],
    propagateTags: PropagatedTagSource.SERVICE,
    enableECSManagedTags: true,
  });
  const scaling = service.autoScaleTaskCount({ minCapacity: min, maxCapacity: max });
  scaling.scaleOnCpuUtilization("Cpu", {
    targetUtilizationPercent: 60,
    scaleOutCooldown: Duration.seconds(30),
    scaleInCooldown: Duration.minutes(5),
  });
  if (program === "worker")
    scaling.scaleToTrackCustomMetric("Backlog", {
      metric: loadMetric(config, LOAD.backlogPerWorker),
      targetValue: config.backlogPerWorker,
      scaleOutCooldown: Duration.seconds(30),
      scaleInCooldown: Duration.minutes(5),
    });
  return service;
}
