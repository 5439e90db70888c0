import { beforeAll, describe, expect, it } from "vitest";
import {
  ENTRY,
  IDLE_SECONDS,
  IMAGE,
  LOAD,
  PATHS,
  PORTS,
  problemsOfEnvironment,
  VARIABLES,
} from "../shared/runtime-contract.ts";
import { environmentOf, STOP_SECONDS } from "./task.ts";
import { configWith, resources, synthesise } from "./template.ts";

process.env["CDK_VALIDATION"] = "false";

type Container = {
  readonly Command: readonly string[];
  readonly Environment: readonly { readonly Name: string; readonly Value: string }[];
  readonly Secrets: readonly { readonly Name: string }[];
  readonly StopTimeout: number;
} & Readonly<Record<string, unknown>>;

let template: ReturnType<typeof synthesise>;
beforeAll(() => {
  template = synthesise();
}, 120_000);

function containers(): readonly Container[] {
  return resources(template, "AWS::ECS::TaskDefinition").map(
    ({ ContainerDefinitions }) => (ContainerDefinitions as readonly Container[])[0] as Container,
  );
}

function container(program: "api" | "worker"): Container {
  return containers().find(({ Command }) => Command[0] === ENTRY[program]) as Container;
}

describe.each(["api", "worker"] as const)("%s", (program) => {
  it("gets every variable it needs and none that it does not know; what is secret is not in the template", () => {
    const { Environment, Secrets } = container(program);
    const set = { plain: Environment.map(({ Name }) => Name), secret: Secrets.map(({ Name }) => Name) };
    expect(problemsOfEnvironment(program, set)).toEqual([]);
    expect(set.secret).toEqual([
      "STATION_DATABASE_AUTH_TOKEN",
      "STATION_NATS_CREDS",
      ...(program === "api" ? ["STATION_API_TOKEN"] : []),
    ]);
  });

  it("has drained before Fargate kills it", () => {
    const { StopTimeout } = container(program);
    const config = configWith();
    const environment = config.success ? environmentOf(program, config.data) : {};
    expect(StopTimeout).toBe(STOP_SECONDS[program]);
    expect(StopTimeout).toBeLessThanOrEqual(120);
    expect(Number(environment["STATION_DRAIN_TIMEOUT_MS"])).toBeLessThan(StopTimeout * 1000);
  });

  it("runs as nobody, on a disk it cannot write, with a process that reaps, and is asked for its health", () => {
    expect(container(program)).toMatchObject({
      User: `${IMAGE.user}:${IMAGE.user}`,
      ReadonlyRootFilesystem: true,
      LinuxParameters: { InitProcessEnabled: true },
      HealthCheck: { Command: ["CMD", IMAGE.node, ENTRY.healthcheck] },
      LogConfiguration: { LogDriver: "awslogs" },
    });
  });
});

it("a task reads only the secrets of its own program, and pulls from one repository", () => {
  const secrets = { ...secretsOfEverything() };
  const { Resources } = synthesise({ secrets });
  const readable = (program: string) =>
    Object.entries(Resources)
      .filter(([id, { Type }]) => Type === "AWS::IAM::Policy" && id.startsWith(`${program}task`))
      .map(([, { Properties }]) => JSON.stringify(Properties))
      .join();
  for (const [name, { programs }] of Object.entries(VARIABLES).filter(([, { isSecret }]) => isSecret))
    for (const program of ["api", "worker"])
      expect([name, program, readable(program).includes(secrets[name] as string)]).toEqual([
        name,
        program,
        (programs as readonly string[]).includes(program),
      ]);
  expect(readable("api")).toContain(":repository/station");
});

function secretsOfEverything(): Record<string, string> {
  const names = Object.entries(VARIABLES).filter(([, { isSecret }]) => isSecret);
  return Object.fromEntries(names.map(([name]) => [name, `station/test/${name.toLowerCase()}`]));
}

it("a version that does not come up is taken back, and no task has an address of its own", () => {
  const services = resources(template, "AWS::ECS::Service");
  expect(services).toHaveLength(2);
  for (const service of services)
    expect(service).toMatchObject({
      DeploymentConfiguration: {
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
        MinimumHealthyPercent: 100,
        MaximumPercent: 200,
      },
      AvailabilityZoneRebalancing: "ENABLED",
      NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp: "DISABLED" } },
    });
});

it("a deployment leaves as many tasks as scaling has made, two at least", () => {
  for (const service of resources(template, "AWS::ECS::Service"))
    expect(service).not.toHaveProperty("DesiredCount");
  const targets = resources(template, "AWS::ApplicationAutoScaling::ScalableTarget");
  expect(targets.map(({ MinCapacity, MaxCapacity }) => [MinCapacity, MaxCapacity])).toEqual([
    [2, 6],
    [2, 20],
  ]);
});

it("callers speak TLS, from the configured addresses only, and plain HTTP is sent there", () => {
  const listeners = resources(template, "AWS::ElasticLoadBalancingV2::Listener");
  expect(listeners.map(({ Port, Protocol }) => [Port, Protocol]).sort()).toEqual([
    [443, "HTTPS"],
    [80, "HTTP"],
  ]);
  const [plain] = listeners.filter(({ Port }) => Port === 80);
  expect(plain?.["DefaultActions"]).toMatchObject([{ Type: "redirect", RedirectConfig: { Port: "443" } }]);
  const [balancer] = resources(template, "AWS::ElasticLoadBalancingV2::LoadBalancer");
  expect(balancer).toMatchObject({ Scheme: "internal" });
  const rules = resources(template, "AWS::EC2::SecurityGroup").flatMap(
    ({ SecurityGroupIngress = [] }) => SecurityGroupIngress as readonly { readonly CidrIp?: string }[],
  );
  expect(new Set(rules.map(({ CidrIp }) => CidrIp))).toEqual(new Set(["10.0.0.0/8"]));
});

it("the load balancer asks the API whether it is ready, and cuts no stream that beats every 15 s", () => {
  const [targets] = resources(template, "AWS::ElasticLoadBalancingV2::TargetGroup");
  expect(targets).toMatchObject({ Port: PORTS.http, HealthCheckPath: PATHS.ready });
  const [balancer] = resources(template, "AWS::ElasticLoadBalancingV2::LoadBalancer");
  expect(balancer?.["LoadBalancerAttributes"]).toEqual(
    expect.arrayContaining([
      { Key: "idle_timeout.timeout_seconds", Value: String(IDLE_SECONDS) },
      { Key: "routing.http.drop_invalid_header_fields.enabled", Value: "true" },
      { Key: "routing.http.desync_mitigation_mode", Value: "strictest" },
      { Key: "deletion_protection.enabled", Value: "true" },
      { Key: "access_logs.s3.enabled", Value: "true" },
    ]),
  );
});

it("somebody is woken when programs are missing, unhealthy or answer with errors", () => {
  const names = resources(template, "AWS::CloudWatch::Alarm").map(({ AlarmName }) => AlarmName);
  expect(names.sort()).toEqual([
    "station-api-5xx",
    "station-api-missing",
    "station-api-unhealthy",
    "station-oldest-task",
    "station-worker-missing",
  ]);
});

it("workers follow the backlog that the API reports by the stack's name, and its absence is an alarm", () => {
  const named = { Name: "STATION_CLOUDWATCH_NAME", Value: "station" };
  expect(container("api").Environment).toContainEqual(named);
  expect(container("worker").Environment).not.toContainEqual(named);
  const metricOf = (name: string) => ({
    ...{ MetricName: name, Namespace: LOAD.namespace },
    Dimensions: [{ Name: "station", Value: "station" }],
  });
  const policies = resources(template, "AWS::ApplicationAutoScaling::ScalingPolicy");
  const custom = policies.filter((policy) => JSON.stringify(policy).includes(LOAD.backlogPerWorker));
  expect(custom).toMatchObject([
    {
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 32,
        CustomizedMetricSpecification: { Statistic: "Maximum", ...metricOf(LOAD.backlogPerWorker) },
      },
    },
  ]);
  const [alarm] = resources(template, "AWS::CloudWatch::Alarm").filter(
    ({ AlarmName }) => AlarmName === "station-oldest-task",
  );
  const oldest = { Statistic: "Maximum", Threshold: 300, ...metricOf(LOAD.oldestTask) };
  expect(alarm).toMatchObject({ TreatMissingData: "breaching", ...oldest });
});

it("spreads over three zones without asking AWS which there are", () => {
  expect(resources(template, "AWS::EC2::Subnet")).toHaveLength(6);
  expect(resources(template, "AWS::EC2::NatGateway")).toHaveLength(3);
});

describe("the configuration refuses", () => {
  it.each([
    ["an image that anybody can change", { image: { repository: "station", tag: "latest" } }, "image.tag"],
    ["a database that belongs to one process", { databaseUrl: "file:station.db" }, "databaseUrl"],
    ["credentials in an address", { natsUrl: "tls://me:pw@queue" }, "natsUrl"],
    ["plain HTTP in production", { certificateArn: undefined }, "certificateArn"],
    ["one copy of a stream in production", { natsReplicas: 1 }, "natsReplicas"],
    ["one worker in production", { worker: { cpu: 512, memoryMiB: 1024, min: 1, max: 2 } }, "worker"],
    ["a zone of another region", { availabilityZones: ["eu-central-1a", "us-east-1a"] }, "availabilityZones"],
    ["a secret that Station does not know", { secrets: { STATION_NATS_CRED: "x" } }, "secrets"],
    [
      "archives on a disk that nobody can write",
      { variables: { STATION_ARCHIVE_DIR: "/data/archive" } },
      "variables",
    ],
    ["a key that is misspelled", { regoin: "eu-central-1" }, ""],
  ])("%s", (_what, changes, path) => {
    const result = configWith(changes);
    expect(result.error?.issues.map((issue) => issue.path.join("."))).toContain(path);
  });
});
