import type { Definition } from "../core/definition/types.ts";
import type { JsonObject } from "../core/json.ts";
import { plainText } from "../core/plain-text.ts";
import { fillTemplate } from "./fill-template.ts";
import type { Ports } from "./ports.ts";

/** It is shown to people and compared as a whole. */
const LONGEST_KEY = 500;

export type ConcurrencyKey =
  /** `key: null`: nothing limits the workflow's runs. */
  { readonly ok: true; readonly key: string | null } | { readonly ok: false; readonly message: string };

/** What a run with this input counts under among the runs of its workflow. */
export async function concurrencyKeyOf(
  ports: Pick<Ports, "expressions">,
  { id, concurrency }: Definition,
  workflow: { readonly version: number; readonly environment: string },
  input: JsonObject,
): Promise<ConcurrencyKey> {
  if (!concurrency) return { ok: true, key: null };
  const names = { ...input, input, workflow: { id, ...workflow, input } };
  const filled = await fillTemplate(ports, concurrency.key, { ...names, ctx: names });
  const wrong = (message: string) => ({ ok: false, message: `"concurrency.key" ${message}` }) as const;
  if (!filled.ok) return wrong(`cannot be made: ${filled.message}`);
  const { value } = filled;
  const key = plainText(typeof value === "string" ? value : JSON.stringify(value));
  if (value === null || key === "")
    return wrong(
      `comes to nothing: ${concurrency.key} is ${value === null ? "null" : "an empty text"} with this input`,
    );
  if (key.length > LONGEST_KEY)
    return wrong(`is ${key.length} characters long with this input; at most ${LONGEST_KEY} can be compared`);
  return { ok: true, key };
}
