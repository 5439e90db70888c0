import { z } from "zod";
import { DatabaseUrl, ImageTag, NatsUrl, Secrets, Variables } from "../settings.ts";

/** All that differs between one Station on Cloud Run and another: the stack's configuration, checked. */
export const CloudRunConfig = z
  .strictObject({
    project: z.string().regex(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/),
    region: z.string().regex(/^[a-z]+-[a-z]+\d+$/),
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{1,20}$/)
      .default("station"),
    image: z.strictObject({ repository: z.string().regex(/^[\w.-]+-docker\.pkg\.dev\//), tag: ImageTag }),
    databaseUrl: DatabaseUrl,
    natsUrl: NatsUrl,
    natsReplicas: z.literal([1, 3, 5]).default(3),
    /** Secret Manager's ids. Their values are added outside of this program. */
    secrets: Secrets,
    /** `latest` means: a new value is taken by the next start. A number pins it. */
    secretVersion: z
      .string()
      .regex(/^(?:latest|[1-9]\d*)$/)
      .default("latest"),
    variables: Variables.default({}),
    /**
     * Whom IAM lets call the API's address, before Station asks who they are. Without anybody IAM is not asked: it
     * would look for a token of Google's where callers send Station's.
     */
    invokers: z.array(z.string().regex(/^(?:user|group|serviceAccount|domain):.+$/)).default([]),
    /** Only from the load balancer and the private network. */
    isInternal: z.boolean().default(true),
    /** Where queue or database are in a private network. */
    network: z.strictObject({ network: z.string(), subnetwork: z.string() }).optional(),
    api: z.strictObject({ min: z.int().min(1), max: z.int().min(1) }).default({ min: 1, max: 10 }),
    /** A fixed number, because CPU says little about agents that wait for models; or a range for Cloud Run to choose in. */
    workers: z
      .union([
        z.strictObject({ count: z.int().min(1), isChangedOutside: z.boolean().default(false) }),
        z.strictObject({ min: z.int().min(1), max: z.int().min(1) }),
      ])
      .default({ count: 2, isChangedOutside: false }),
  })
  .superRefine((config, context) => {
    if (config.invokers.length === 0 && config.variables.STATION_AUTH === "off")
      context.addIssue({
        code: "custom",
        path: ["variables", "STATION_AUTH"],
        message: "without invokers nobody at all would be asked who they are",
      });
  });

export type CloudRunConfig = z.infer<typeof CloudRunConfig>;
