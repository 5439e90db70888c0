import { expect } from "vitest";
import type { Station } from "./station.ts";

/** Places where a run waits, and what makes it go on; nothing of it may be forgotten by a crash. */
const waits = {
  timer: "type: timer, duration: 1s",
  backoff: "type: agent, agent: flaky, retry: { maxAttempts: 3, backoffSeconds: 0.5, jitter: false }",
  approval: "type: approval, message: Well?",
  signal: "type: signal, signal: go",
  early: "type: timer, duration: 1s",
} as const;
type Wait = keyof typeof waits;

const waiting = (name: Wait) => `id: ${name}
states:
  - { name: here, ${waits[name]}, next: hear }
  - { name: hear, type: signal, signal: later, resultPath: heard, end: true }
`;

/** A run at each of these places. */
export async function startWaiting(station: Station): Promise<Readonly<Record<Wait, string>>> {
  const names = Object.keys(waits) as Wait[];
  const started = names.map(async (name) => {
    await station.publish(waiting(name));
    const runId = await station.start(name);
    await station.entered(runId, "here");
    return [name, runId] as const;
  });
  const runIds = Object.fromEntries(await Promise.all(started)) as Record<Wait, string>;
  await station.client.signalRun({
    params: { runId: runIds.early },
    body: { name: "later", payload: "kept" },
  });
  return runIds;
}

/** Each of them goes on with what it waited for, and to its end. */
export async function expectToGoOn(station: Station, runIds: Readonly<Record<Wait, string>>): Promise<void> {
  const { early, ...others } = runIds;
  const { approvalId } = await station.asked(others.approval);
  await station.client.approve({ params: { approvalId } });
  await station.client.signalRun({ params: { runId: others.signal }, body: { name: "go" } });
  expect(await station.ended(early)).toMatchObject({ status: "COMPLETED", context: { heard: "kept" } });
  for (const runId of Object.values(others)) {
    await station.entered(runId, "hear");
    await station.client.signalRun({ params: { runId }, body: { name: "later", payload: "now" } });
    expect(await station.ended(runId)).toMatchObject({ status: "COMPLETED", context: { heard: "now" } });
  }
}
