import { adminEvent } from "./admin-event.ts";
import type { Ports } from "./ports.ts";

/** Leaves an administrative event when a program starts with other settings than the last time it told. */
export async function tellSettings(
  { store, clock }: Pick<Ports, "store" | "clock">,
  program: "api" | "worker",
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const subject = `settings:${program}`;
  const last = await store.adminEvents.latest("settings.changed", subject);
  const before = (last?.data["settings"] ?? {}) as Readonly<Record<string, string>>;
  const names = [...new Set([...Object.keys(before), ...Object.keys(settings)])].sort();
  const changed = names.filter((name) => before[name] !== settings[name]);
  if (changed.length === 0) return;
  const what = { action: "settings.changed", environment: null, subject, data: { changed, settings } };
  await store.adminEvents.append(adminEvent(clock, { actor: "system", channel: "start" }, what));
}
