import { useSyncExternalStore } from "react";

const KEPT = "approvals-on-desktop";
const listeners = new Set<() => void>();

/** Whether this browser is asked to tell of questions outside of the page: not before a person wanted it and it may. */
export function useIsToldOnDesktop(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, isOn);
}

/** Why nobody can be told here; null where they can, or can be asked whether they want to be. */
export function whyNotOnDesktop(): string | null {
  if (!("Notification" in globalThis)) return "This browser tells of nothing outside of its pages";
  return Notification.permission === "denied"
    ? "This browser was told to show no notifications of this address: its settings say so"
    : null;
}

/** Turns it on, after the browser asked the person, or off; whether it is on. */
export async function tellOnDesktop(wanted: boolean): Promise<boolean> {
  if (wanted && (await Notification.requestPermission()) === "granted") localStorage.setItem(KEPT, "on");
  else localStorage.removeItem(KEPT);
  for (const listener of listeners) listener();
  return isOn();
}

function isOn(): boolean {
  return (
    localStorage.getItem(KEPT) === "on" &&
    "Notification" in globalThis &&
    Notification.permission === "granted"
  );
}
