import { z } from "zod";
import { type Program, VARIABLES, type VariableName } from "./shared/runtime-contract.ts";

const names = Object.keys(VARIABLES) as VariableName[];
const secretNames = names.filter((name) => VARIABLES[name].isSecret);
const plainNames = names.filter((name) => !VARIABLES[name].isSecret);

/** An image's tag that always means the same image; `latest` is somebody else's decision when to deploy. */
export const ImageTag = z
  .string()
  .regex(/^[\w][\w.-]{0,127}$/, "a tag has letters, digits, dots, dashes and underscores")
  .refine((tag) => tag !== "latest", "latest is not one image: name a version");

/** A database that several processes share. */
export const DatabaseUrl = z
  .string()
  .regex(
    /^(?:libsql|https?|wss?):\/\/[^/@]+(?:\/|$)/,
    "libsql://, https:// or wss://, without credentials; a file belongs to one process",
  );

/** Servers of JetStream, without credentials. */
export const NatsUrl = z
  .string()
  .regex(
    /^(?:nats|tls):\/\/[^/@,]+(?:,(?:nats|tls):\/\/[^/@,]+)*$/,
    "nats://host:4222 or tls://host, comma-separated, without credentials",
  );

/** Where a secret variable's value is kept, by the platform's own name for it. */
export const Secrets = z.partialRecord(
  z.enum(secretNames as [VariableName, ...VariableName[]]),
  z.string().min(1),
);

/** Further plain variables, for what a platform does not set by itself. */
export const Variables = z.partialRecord(z.enum(plainNames as [VariableName, ...VariableName[]]), z.string());

/** Of these variables the ones that a program reads: the worker never sees what only the API needs. */
export function forProgram<T>(program: Program, all: Partial<Record<VariableName, T>>): Record<string, T> {
  const own = Object.entries(all).filter(([name]) =>
    (VARIABLES[name as VariableName].programs as readonly Program[]).includes(program),
  );
  return Object.fromEntries(own) as Record<string, T>;
}
