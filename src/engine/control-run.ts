import type { By } from "../core/identity/channel.ts";
import type { JsonValue } from "../core/json.ts";
import type { Refusal } from "../core/run/commands.ts";
import { ROOT, type RunId } from "../core/run/ids.ts";
import { type Applied, apply } from "./apply.ts";
import { newId } from "./ids.ts";
import type { Ports } from "./ports.ts";

export type ControlPorts = Pick<Ports, "store" | "queue" | "clock" | "expressions" | "schemas" | "log">;

export type ControlResult =
  | { readonly status: "done"; readonly changed: boolean }
  | { readonly status: "refused"; readonly refusal: Refusal }
  | { readonly status: "unknown" };

/** Starts nothing new until `resumeRun`; what runs is finished. Pausing a paused run changes nothing. */
export async function pauseRun(ports: ControlPorts, runId: RunId, by: By, reason: string | null) {
  return resultOf(await apply(ports, runId, ROOT, by, () => ({ type: "pause", reason })));
}

/** Asks again for everything that was left out during a pause. */
export async function resumeRun(ports: ControlPorts, runId: RunId, by: By) {
  return resultOf(await apply(ports, runId, ROOT, by, () => ({ type: "resume" })));
}

/** Ends the run at once; the workers that hold its steps learn of it with their next sign of life. */
export async function cancelRun(ports: ControlPorts, runId: RunId, by: By, reason: string | null) {
  return resultOf(await apply(ports, runId, ROOT, by, () => ({ type: "cancel", reason })));
}

/** The mailbox keeps every signal, so its ids stay taken as long as the run is there. */
const FOREVER = Number.MAX_SAFE_INTEGER;

export type NewSignal = {
  readonly name: string;
  readonly payload: JsonValue;
  readonly id?: string;
  /** What makes it another signal under the same id; without it name and payload do. */
  readonly asked?: string;
};

/** Puts a signal into the run's mailbox. A repeated `id` is taken once. */
export async function signalRun(
  ports: ControlPorts,
  runId: RunId,
  by: By,
  signal: NewSignal,
): Promise<ControlResult> {
  const signalId = signal.id ?? newId("sig", ports.clock);
  const { name, payload } = signal;
  const once = {
    principal: runId,
    route: "signal",
    key: signalId,
    requestHash: signal.asked ?? JSON.stringify([name, payload]),
    answer: { signalId },
    expiresAt: FOREVER,
  };
  const command = { type: "signal", signalId, name, payload } as const;
  const applied = await apply(ports, runId, ROOT, by, () => command, { once });
  if (applied.status !== "replayed" || applied.replay.requestHash === once.requestHash)
    return resultOf(applied);
  const message = `signal id "${signalId}" was used before, for another name or payload`;
  return { status: "refused", refusal: { code: "invalid-transition", message } };
}

/** What a command came to, for whoever gave it. */
export function resultOf(applied: Applied): ControlResult {
  switch (applied.status) {
    case "applied":
      return { status: "done", changed: applied.changed };
    case "refused":
      return { status: "refused", refusal: applied.refusal };
    case "replayed":
      return { status: "done", changed: false };
    case "unknown-run":
      return { status: "unknown" };
  }
}
