import type { IRepository } from "aws-cdk-lib/aws-ecr";
import {
  ContainerImage,
  CpuArchitecture,
  Secret as EcsSecret,
  FargateTaskDefinition,
  LinuxParameters,
  LogDrivers,
  OperatingSystemFamily,
} from "aws-cdk-lib/aws-ecs";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Duration, Validations } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { forProgram } from "../settings.ts";
import { drainTimeoutMs, ENTRY, IMAGE, PORTS } from "../shared/runtime-contract.ts";
import type { EcsConfig } from "./config.ts";

type Served = "api" | "worker";

/** Between SIGTERM and SIGKILL. 120 s is the most that Fargate grants. */
export const STOP_SECONDS = { api: 60, worker: 120 } as const;

/** What one task of a program is: one container that can write nothing and is asked for its health. */
export function createTask(
  scope: Construct,
  program: Served,
  config: EcsConfig,
  { repository, logs }: { readonly repository: IRepository; readonly logs: ILogGroup },
): FargateTaskDefinition {
  const size = config[program];
  const task = new FargateTaskDefinition(scope, `${program}-task`, {
    family: `${config.name}-${program}`,
    cpu: size.cpu,
    memoryLimitMiB: size.memoryMiB,
    runtimePlatform: {
      cpuArchitecture: CpuArchitecture.of(config.architecture),
      operatingSystemFamily: OperatingSystemFamily.LINUX,
    },
  });
  task.addContainer(program, {
    // By the repository and not by its address: that grants the task the right to pull, and nothing more.
    image: ContainerImage.fromEcrRepository(repository, config.image.tag),
    command: [ENTRY[program]],
    user: `${IMAGE.user}:${IMAGE.user}`,
    readonlyRootFilesystem: true,
    stopTimeout: Duration.seconds(STOP_SECONDS[program]),
    environment: environmentOf(program, config),
    secrets: Object.fromEntries(
      Object.entries(forProgram(program, config.secrets)).map(([variable, name]) => [
        variable,
        EcsSecret.fromSecretsManager(Secret.fromSecretNameV2(scope, `${program}-${variable}`, name)),
      ]),
    ),
    healthCheck: {
      command: ["CMD", IMAGE.node, ENTRY.healthcheck],
      interval: Duration.seconds(10),
      timeout: Duration.seconds(5),
      startPeriod: Duration.seconds(30),
      retries: 3,
    },
    portMappings: program === "api" ? [{ containerPort: PORTS.http }] : [],
    logging: LogDrivers.awsLogs({ logGroup: logs, streamPrefix: program }),
    linuxParameters: new LinuxParameters(scope, `${program}-linux`, { initProcessEnabled: true }),
  });
  Validations.of(task).acknowledge({
    id: "AwsSolutions-ECS2",
    reason:
      "Addresses and times only; whatever is secret is injected from Secrets Manager, which a test asserts.",
  });
  return task;
}

/** The plain variables of a program; secrets are injected by ECS and are not among them. */
export function environmentOf(program: Served, config: EcsConfig): Record<string, string> {
  return {
    ...forProgram(program, config.variables),
    STATION_DATABASE_URL: config.databaseUrl,
    STATION_NATS_URL: config.natsUrl,
    STATION_NATS_REPLICAS: String(config.natsReplicas),
    STATION_DRAIN_TIMEOUT_MS: String(drainTimeoutMs(STOP_SECONDS[program])),
    ...(program === "api" && { STATION_CLOUDWATCH_NAME: config.name }),
  };
}
