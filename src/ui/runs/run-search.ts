export const RUN_VIEWS = ["timeline", "graph", "events"] as const;
export type RunView = (typeof RUN_VIEWS)[number];

export const INSPECTOR_TABS = ["overview", "input", "output", "context", "agent", "events"] as const;
export type InspectorTab = (typeof INSPECTOR_TABS)[number];

/** What the address of a run's page says beside its id. */
export type RunSearch = {
  readonly view?: RunView | undefined;
  /** The selected step, or a state that is still ahead (`state:name`). */
  readonly step?: string | undefined;
  readonly tab?: InspectorTab | undefined;
  /** The time cursor: everything is shown as it was after this event. */
  readonly at?: number | undefined;
};

/** Reads the address; what it does not understand is left out. */
export function runSearch(search: Record<string, unknown>): RunSearch {
  const at = Number(search["at"]);
  return {
    ...(isOneOf(RUN_VIEWS, search["view"]) && { view: search["view"] }),
    ...(typeof search["step"] === "string" && search["step"] !== "" && { step: search["step"] }),
    ...(isOneOf(INSPECTOR_TABS, search["tab"]) && { tab: search["tab"] }),
    ...(Number.isInteger(at) && at > 0 && { at }),
  };
}

function isOneOf<Word extends string>(words: readonly Word[], value: unknown): value is Word {
  return (words as readonly unknown[]).includes(value);
}
