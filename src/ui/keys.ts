import { useEffect, useRef } from "react";

/**
 * Every key of the app: the `?` sheet, the tooltips and the handlers are made from this table. Single keys never
 * destroy anything. A capital is typed with Shift.
 */
export const KEYS = {
  "app.palette": { keys: ["Mod+k"], does: "Search and run commands", group: "Everywhere" },
  "app.help": { keys: ["?"], does: "This list", group: "Everywhere" },
  "app.time": { keys: ["t"], does: "Times: relative, local, UTC", group: "Everywhere" },
  "app.theme": { keys: ["D"], does: "Light or dark", group: "Everywhere" },
  "app.filter": { keys: ["/"], does: "Go to the filter", group: "Everywhere" },
  "app.back": { keys: ["Escape"], does: "Back one level", group: "Everywhere" },
  "go.overview": { keys: ["g o"], does: "Overview", group: "Go to" },
  "go.workflows": { keys: ["g w"], does: "Workflows", group: "Go to" },
  "go.runs": { keys: ["g r"], does: "Runs", group: "Go to" },
  "go.approvals": { keys: ["g a"], does: "Approvals", group: "Go to" },
  "go.agents": { keys: ["g g"], does: "Agents", group: "Go to" },
  "go.bundles": { keys: ["g b"], does: "Bundles", group: "Go to" },
  "go.settings": { keys: ["g s"], does: "Settings", group: "Go to" },
  "list.next": { keys: ["j", "ArrowDown"], does: "Next row", group: "Lists" },
  "list.previous": { keys: ["k", "ArrowUp"], does: "Previous row", group: "Lists" },
  "list.open": { keys: ["Enter"], does: "Open", group: "Lists" },
  "list.peek": { keys: [" "], does: "Peek", group: "Lists" },
  "list.select": { keys: ["x"], does: "Select", group: "Lists" },
  "workflow.run": { keys: ["r"], does: "Start a run…", group: "Workflows" },
  "workflow.edit": { keys: ["e"], does: "Where its file is", group: "Workflows" },
  "workflow.toggle": { keys: ["d"], does: "Disable or enable", group: "Workflows" },
  "view.1": { keys: ["1"], does: "First view or tab", group: "Views" },
  "view.2": { keys: ["2"], does: "Second view or tab", group: "Views" },
  "view.3": { keys: ["3"], does: "Third view or tab", group: "Views" },
  "view.4": { keys: ["4"], does: "Fourth view or tab", group: "Views" },
  "replay.previous": { keys: ["ArrowLeft"], does: "Previous event", group: "Run" },
  "replay.next": { keys: ["ArrowRight"], does: "Next event", group: "Run" },
  "replay.previousStep": { keys: ["Shift+ArrowLeft"], does: "Previous step boundary", group: "Run" },
  "replay.nextStep": { keys: ["Shift+ArrowRight"], does: "Next step boundary", group: "Run" },
  "replay.live": { keys: ["l"], does: "Back to live", group: "Run" },
  "run.failure": { keys: ["f"], does: "First failure", group: "Run" },
  "run.idle": { keys: ["i"], does: "Collapse idle time", group: "Run" },
  "run.fit": { keys: ["z"], does: "Show the whole graph", group: "Run" },
  "run.centre": { keys: ["c"], does: "Centre what runs", group: "Run" },
  "run.pause": { keys: ["p"], does: "Pause or resume", group: "Run" },
  "run.cancel": { keys: ["C"], does: "Cancel the run…", group: "Run" },
  "run.rerun": { keys: ["R"], does: "Run again…", group: "Run" },
  "run.signal": { keys: ["s"], does: "Send a signal…", group: "Run" },
  "run.compare": { keys: ["="], does: "Compare with another run", group: "Run" },
  "approval.approve": { keys: ["a"], does: "Approve: to the comment", group: "Approvals" },
  "approval.reject": { keys: ["r"], does: "Reject: to the comment", group: "Approvals" },
  "approval.openRun": { keys: ["o"], does: "Open the run", group: "Approvals" },
} as const satisfies Readonly<Record<string, Key>>;

type Key = { readonly keys: readonly string[]; readonly does: string; readonly group: string };

export type KeyId = keyof typeof KEYS;

/** What keys do now, by their name in `KEYS`. */
export type KeyHandlers = { readonly [Id in KeyId]?: (() => void) | null };

// The layer that was put on last is asked first: an open list answers before its page, the page before the shell.
const layers: { current: KeyHandlers }[] = [];
let pending: { key: string; at: number } | null = null;
const SEQUENCE_MS = 1200;

/** Answers keys while the component is there. */
export function useKeys(handlers: KeyHandlers): void {
  const layer = useRef(handlers);
  layer.current = handlers;
  useEffect(() => {
    layers.push(layer);
    return () => void layers.splice(layers.indexOf(layer), 1);
  }, []);
}

/** The actions that a key does at this moment, in the order of the table. */
export function activeKeys(): readonly KeyId[] {
  return (Object.keys(KEYS) as KeyId[]).filter((id) => layers.some((layer) => layer.current[id]));
}

/** Does what a key would do, for whoever chose it by name. */
export function pressKey(id: KeyId): void {
  layers.findLast((layer) => layer.current[id])?.current[id]?.();
}

/** Listens for the keys of the table; once, for the whole page. */
export function listenForKeys(): void {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const name = nameOf(event);
    if (isTyping(event.target) && name !== "Mod+k") return;
    // A key that is held does once what it does, unless it moves about.
    if (event.repeat && !/^[jk]$|Arrow/.test(name)) return;
    if ((name === "Enter" || name === " ") && isPressed(event.target)) return;
    const sequence = pending && Date.now() - pending.at < SEQUENCE_MS ? `${pending.key} ${name}` : null;
    pending = null;
    if ((sequence !== null && answer(sequence)) || answer(name)) event.preventDefault();
    else if (name === "g") pending = { key: name, at: Date.now() };
  });
}

function answer(pressed: string): boolean {
  const found = Object.entries(KEYS).filter(([, { keys }]) => (keys as readonly string[]).includes(pressed));
  for (const layer of layers.toReversed())
    for (const [id] of found) {
      const handler = layer.current[id as KeyId];
      if (!handler) continue;
      handler();
      return true;
    }
  return false;
}

function nameOf({ key, metaKey, ctrlKey, altKey, shiftKey }: KeyboardEvent): string {
  const mod = metaKey || ctrlKey ? "Mod+" : "";
  const alt = altKey ? "Alt+" : "";
  // Of a sign Shift is part already: "C", "?".
  const shift = shiftKey && key.length > 1 ? "Shift+" : "";
  return `${mod}${alt}${shift}${mod ? key.toLowerCase() : key}`;
}

/** No key of ours is taken from who types, or while a dialog or menu is open. */
function isTyping(target: EventTarget | null): boolean {
  if (document.querySelector('[role="dialog"],[role="alertdialog"],[role="menu"]')) return true;
  if (!(target instanceof Element)) return false;
  return (
    target.closest(
      'input:not([type="range"],[type="checkbox"]),textarea,select,[contenteditable],.cm-editor',
    ) !== null
  );
}

/** What has the focus answers Enter and Space itself. */
function isPressed(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('a,button,summary,input[type="checkbox"]') !== null;
}

const SIGNS: Readonly<Record<string, string>> = {
  ArrowDown: "↓",
  ArrowUp: "↑",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
  Enter: "⏎",
  " ": "Space",
};

/** A key as it is written: `⌘K`, `⇧C`, `g r`. */
export function shownKey(name: string): string {
  const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);
  return name
    .split(/(?<=.) (?=.)/)
    .map((part) => {
      if (part.startsWith("Mod+"))
        return `${isMac ? "⌘" : "Ctrl "}${SIGNS[part.slice(4)] ?? part.slice(4).toUpperCase()}`;
      if (part.startsWith("Shift+")) return `⇧${SIGNS[part.slice(6)] ?? part.slice(6)}`;
      if (/^[A-Z]$/.test(part)) return `⇧${part}`;
      return SIGNS[part] ?? part;
    })
    .join(" ");
}

/** The first key of an action, for tooltips and menus. */
export function keyOf(id: KeyId): string {
  return shownKey(KEYS[id].keys[0]);
}
