import { Service } from "@pulumi/gcp/cloudrunv2/service.js";
import { ServiceIamMember } from "@pulumi/gcp/cloudrunv2/serviceIamMember.js";
import { WorkerPool } from "@pulumi/gcp/cloudrunv2/workerPool.js";
import type { Output } from "@pulumi/pulumi";
import { drainTimeoutMs, ENTRY, PATHS, PORTS } from "../shared/runtime-contract.ts";
import { createAccount } from "./account.ts";
import type { CloudRunConfig } from "./config.ts";
import { environmentOf } from "./environment.ts";

/** Cloud Run kills 10 s after SIGTERM, whatever one wishes: what is not done by then another worker does again. */
export const KILL_SECONDS = 10;
export const DRAIN_MS = drainTimeoutMs(KILL_SECONDS);

/** Station on Cloud Run: the API as a service, the workers as a pool; queue and database are elsewhere. */
export function createStation(config: CloudRunConfig): { readonly url: Output<string> } {
  const image = `${config.image.repository}:${config.image.tag}`;
  const vpcAccess = config.network && {
    vpcAccess: { egress: "PRIVATE_RANGES_ONLY", networkInterfaces: [config.network] },
  };

  const api = createAccount("api", config);
  const service = new Service(
    "api",
    {
      name: `${config.name}-api`,
      location: config.region,
      project: config.project,
      ingress: config.isInternal ? "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" : "INGRESS_TRAFFIC_ALL",
      deletionProtection: true,
      invokerIamDisabled: config.invokers.length === 0,
      template: {
        serviceAccount: api.account.email,
        executionEnvironment: "EXECUTION_ENVIRONMENT_GEN2",
        // The most there is: streams are cut after an hour and go on where they were.
        timeout: "3600s",
        maxInstanceRequestConcurrency: 250,
        scaling: { minInstanceCount: config.api.min, maxInstanceCount: config.api.max },
        ...vpcAccess,
        containers: [
          {
            image,
            args: [ENTRY.api],
            ports: { containerPort: PORTS.http },
            envs: environmentOf("api", config, DRAIN_MS),
            // Streams, outbox and reconciler go on between requests.
            resources: { limits: { cpu: "1", memory: "1Gi" }, cpuIdle: false, startupCpuBoost: true },
            // A private network can take a minute to be reached.
            startupProbe: {
              httpGet: { path: PATHS.ready, port: PORTS.http },
              periodSeconds: 5,
              timeoutSeconds: 4,
              failureThreshold: 36,
            },
            livenessProbe: {
              httpGet: { path: PATHS.alive, port: PORTS.http },
              periodSeconds: 10,
              failureThreshold: 6,
            },
          },
        ],
      },
    },
    { dependsOn: api.grants },
  );
  for (const member of config.invokers)
    new ServiceIamMember(`invoker-${member}`, {
      project: config.project,
      location: config.region,
      name: service.name,
      role: "roles/run.invoker",
      member,
    });

  const worker = createAccount("worker", config);
  const { workers } = config;
  new WorkerPool(
    "worker",
    {
      name: `${config.name}-worker`,
      location: config.region,
      project: config.project,
      deletionProtection: true,
      scaling:
        "count" in workers
          ? { scalingMode: "MANUAL", manualInstanceCount: workers.count }
          : { scalingMode: "AUTOMATIC", minInstanceCount: workers.min, maxInstanceCount: workers.max },
      template: {
        serviceAccount: worker.account.email,
        ...vpcAccess,
        containers: [
          {
            image,
            args: [ENTRY.worker],
            envs: environmentOf("worker", config, DRAIN_MS),
            resources: { limits: { cpu: "1", memory: "2Gi" } },
            startupProbe: {
              httpGet: { path: PATHS.ready, port: PORTS.admin },
              periodSeconds: 5,
              timeoutSeconds: 4,
              failureThreshold: 36,
            },
            livenessProbe: {
              httpGet: { path: PATHS.alive, port: PORTS.admin },
              periodSeconds: 10,
              failureThreshold: 6,
            },
          },
        ],
      },
    },
    {
      dependsOn: worker.grants,
      ...("count" in workers &&
        workers.isChangedOutside && { ignoreChanges: ["scaling.manualInstanceCount"] }),
    },
  );
  return { url: service.uri };
}
