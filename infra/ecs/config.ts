import { z } from "zod";
import { DatabaseUrl, ImageTag, NatsUrl, Secrets, Variables } from "../settings.ts";

const Size = z.strictObject({
  cpu: z.literal([256, 512, 1024, 2048, 4096]),
  memoryMiB: z.int().min(512).max(30_720),
  min: z.int().min(1),
  max: z.int().min(1),
});

/** All that differs between one Station on ECS and another. Unknown keys are refused: they are misspelled. */
export const EcsConfig = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]{1,20}$/),
    isProduction: z.boolean(),
    /** From here and not from the shell: the CLI makes up a region when it has no credentials. */
    region: z.string().regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/),
    availabilityZones: z.array(z.string()).min(2).max(3),
    image: z.strictObject({ repository: z.string().min(1), tag: ImageTag }),
    architecture: z.enum(["X86_64", "ARM64"]).default("X86_64"),
    certificateArn: z.string().startsWith("arn:aws:acm:").optional(),
    /** Who reaches the load balancer: these addresses. It is in the private network only unless `isPublic`. */
    isPublic: z.boolean().default(false),
    allowedCidrs: z.array(z.cidrv4()).min(1),
    databaseUrl: DatabaseUrl,
    natsUrl: NatsUrl,
    natsReplicas: z.literal([1, 3, 5]).default(3),
    /** Names in Secrets Manager. They exist before the stack: nothing secret is ever in a template. */
    secrets: Secrets,
    variables: Variables.default({}),
    api: Size.default({ cpu: 512, memoryMiB: 1024, min: 2, max: 6 }),
    worker: Size.default({ cpu: 1024, memoryMiB: 2048, min: 2, max: 20 }),
    /** There are as many workers as leave each so many tasks that wait or are in hand; more if they need the CPU. */
    backlogPerWorker: z.number().positive().default(32),
    logDays: z.literal([30, 90, 180, 365]).default(90),
  })
  .superRefine((config, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    if (config.isProduction && config.certificateArn === undefined)
      refuse("certificateArn", "production speaks TLS: name a certificate");
    if (config.isPublic && config.certificateArn === undefined)
      refuse("certificateArn", "a public load balancer speaks TLS: name a certificate");
    if (config.isProduction && config.natsReplicas < 3)
      refuse("natsReplicas", "production keeps three copies of a stream");
    for (const size of ["api", "worker"] as const) {
      if (config[size].max < config[size].min) refuse(size, "max is smaller than min");
      if (config.isProduction && config[size].min < 2) refuse(size, "production runs two at least");
    }
    for (const zone of config.availabilityZones)
      if (!zone.startsWith(config.region)) refuse("availabilityZones", `${zone} is not in ${config.region}`);
  });

export type EcsConfig = z.infer<typeof EcsConfig>;
