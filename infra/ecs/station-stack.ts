import { Repository } from "aws-cdk-lib/aws-ecr";
import { Cluster, ContainerInsights } from "aws-cdk-lib/aws-ecs";
import { ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { CfnOutput, RemovalPolicy, Stack, Tags, Validations } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { createAlarms } from "./alarms.ts";
import { createBalancer } from "./balancer.ts";
import type { EcsConfig } from "./config.ts";
import { createNetwork } from "./network.ts";
import { createService } from "./service.ts";
import { createTask } from "./task.ts";

/** Station on Fargate: API behind a load balancer and workers; queue and database are elsewhere. */
export class StationStack extends Stack {
  constructor(scope: Construct, config: EcsConfig) {
    // The region alone: with an account as well, synthesis would ask AWS for zones.
    super(scope, config.name, { env: { region: config.region }, terminationProtection: config.isProduction });
    Tags.of(this).add("app", config.name);
    const key = new Key(this, "Key", {
      enableKeyRotation: true,
      description: `${config.name}: logs and alarms`,
    });
    key.grantEncryptDecrypt(new ServicePrincipal(`logs.${config.region}.amazonaws.com`));
    key.grantEncryptDecrypt(new ServicePrincipal("cloudwatch.amazonaws.com"));
    const logs = (name: string) =>
      new LogGroup(this, `${name}-logs`, {
        logGroupName: `/${config.name}/${name}`,
        retention: config.logDays,
        encryptionKey: key,
        removalPolicy: config.isProduction ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      });

    const vpc = createNetwork(this, config, logs("rejected-flows"));
    const cluster = new Cluster(this, "Cluster", {
      vpc,
      clusterName: config.name,
      containerInsightsV2: ContainerInsights.ENHANCED,
      enableFargateCapacityProviders: true,
    });
    const repository = Repository.fromRepositoryName(this, "Images", config.image.repository);
    const run = (program: "api" | "worker") => {
      const task = createTask(this, program, config, { repository, logs: logs(program) });
      const role = task.obtainExecutionRole();
      Validations.of(role).acknowledge({
        id: "AwsSolutions-IAM5[Resource::*]",
        reason: "ecr:GetAuthorizationToken knows no resources; the right to pull is for one repository.",
      });
      return createService(this, program, config, { cluster, vpc, task });
    };
    const api = run("api");
    run("worker");
    const { balancer, targets } = createBalancer(this, config, { vpc, api });
    const alarms = createAlarms(this, config, { balancer, targets, key });
    const scheme = config.certificateArn === undefined ? "http" : "https";
    new CfnOutput(this, "Url", { value: `${scheme}://${balancer.loadBalancerDnsName}` });
    new CfnOutput(this, "AlarmTopic", { value: alarms.topicArn });
  }
}
