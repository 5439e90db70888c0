import type { JsonObject } from "../core/json.ts";
import type { Timing } from "../core/schedule/schedule.ts";
import { tickNames } from "../core/schedule/tick-names.ts";
import { fillTemplate } from "./fill-template.ts";
import type { Ports } from "./ports.ts";

export type ScheduledInput =
  | { readonly ok: true; readonly value: JsonObject }
  | { readonly ok: false; readonly message: string };

/** A schedule's input for one tick: its templates filled in, and the tick's own names beside it. */
export async function scheduledInput(
  ports: Pick<Ports, "expressions">,
  { input, timing }: { readonly input: JsonObject; readonly timing: Timing },
  at: number,
): Promise<ScheduledInput> {
  const names = tickNames(timing, at);
  const filled = await fillTemplate(ports, input, { ...names, ctx: names });
  return filled.ok ? { ok: true, value: { ...(filled.value as JsonObject), ...names } } : filled;
}
