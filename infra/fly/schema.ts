import { z } from "zod";
import { NOT_FOR_PLATFORMS, VARIABLES } from "../shared/runtime-contract.ts";

const Duration = z.string().regex(/^\d+(?:s|m|h)$/);
const SECRET_LOOKING = /TOKEN|SECRET|PASSWORD|CREDS$|SEED$/;

const Check = z.strictObject({
  grace_period: Duration,
  interval: Duration,
  timeout: Duration,
  method: z.literal("GET"),
  path: z.string().startsWith("/"),
});

/** The part of Fly's configuration that we use, and no more: there is no way to ask Fly without deploying. */
export const FlyConfig = z
  .strictObject({
    app: z.string().regex(/^[a-z][a-z0-9-]{1,40}$/),
    primary_region: z.string().regex(/^[a-z]{3}$/),
    kill_signal: z.enum(["SIGTERM", "SIGUSR2"]),
    /** Fly's own default is 5 s, its maximum 300 s. */
    kill_timeout: z.int().min(10).max(300),
    build: z.strictObject({
      image: z.string().optional(),
      dockerfile: z.string().optional(),
      "build-target": z.string().optional(),
    }),
    deploy: z.strictObject({
      strategy: z.enum(["rolling", "canary", "bluegreen", "immediate"]),
      release_command: z.string().optional(),
      max_unavailable: z.number().optional(),
    }),
    env: z.record(z.string(), z.string()),
    processes: z.record(z.string(), z.string()).optional(),
    http_service: z
      .strictObject({
        internal_port: z.int(),
        force_https: z.literal(true),
        auto_stop_machines: z.enum(["off", "stop", "suspend"]),
        auto_start_machines: z.boolean(),
        min_machines_running: z.int(),
        processes: z.array(z.string()),
        concurrency: z.strictObject({
          type: z.enum(["connections", "requests"]),
          soft_limit: z.int(),
          hard_limit: z.int(),
        }),
        checks: z.array(Check),
      })
      .optional(),
    checks: z
      .record(
        z.string(),
        Check.extend({ type: z.literal("http"), port: z.int(), processes: z.array(z.string()).optional() }),
      )
      .optional(),
    metrics: z
      .array(z.strictObject({ port: z.int(), path: z.string(), processes: z.array(z.string()).optional() }))
      .optional(),
    mounts: z
      .array(
        z.strictObject({ source: z.string(), destination: z.string(), initial_size: z.string().optional() }),
      )
      .optional(),
    files: z.array(z.strictObject({ guest_path: z.string(), local_path: z.string() })).optional(),
    restart: z
      .array(z.strictObject({ policy: z.literal("always"), processes: z.array(z.string()).optional() }))
      .optional(),
    vm: z.array(
      z.strictObject({
        size: z.string(),
        memory: z.string(),
        processes: z.array(z.string()).optional(),
      }),
    ),
  })
  .superRefine((config, context) => {
    const refuse = (path: (string | number)[], message: string) =>
      context.addIssue({ code: "custom", path, message });
    const known = new Set(Object.keys(config.processes ?? {}));
    const named: [string, readonly string[]][] = [
      ["http_service", config.http_service?.processes ?? []],
      ...Object.entries(config.checks ?? {}).map(([name, { processes = [] }]): [string, string[]] => [
        name,
        processes,
      ]),
      ...(config.metrics ?? []).map(({ processes = [] }): [string, string[]] => ["metrics", processes]),
      ...(config.restart ?? []).map(({ processes = [] }): [string, string[]] => ["restart", processes]),
      ...config.vm.map(({ processes = [] }): [string, string[]] => ["vm", processes]),
    ];
    for (const [where, names] of named)
      for (const name of names) if (!known.has(name)) refuse([where], `there is no process "${name}"`);
    if (config.http_service && known.has("worker"))
      refuse(
        ["http_service", "processes"],
        "Fly's proxy stops what it serves when nobody calls: the worker has no service",
      );
    if (config.mounts && config.deploy.strategy === "bluegreen")
      refuse(["deploy", "strategy"], "a volume cannot be mounted twice");
    for (const name of Object.keys(config.env)) {
      if (name.startsWith("FLY_")) refuse(["env", name], "Fly's own");
      if (NOT_FOR_PLATFORMS.includes(name)) refuse(["env", name], "not for a platform, see infra/README.md");
      const isSecret = VARIABLES[name as keyof typeof VARIABLES]?.isSecret ?? SECRET_LOOKING.test(name);
      if (isSecret) refuse(["env", name], "a secret: `fly secrets set`");
    }
  });

export type FlyConfig = z.input<typeof FlyConfig>;
