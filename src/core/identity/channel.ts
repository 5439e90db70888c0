/**
 * By which way a change came in: a door (`api`, a page of the `ui`, the `cli`, an agent's `mcp` client, a signed `link`,
 * many at once: `bulk`, a `webhook`), or Station itself (a `schedule`, a `sync` of files, what a `workflow` declares, its
 * `start`, a `worker`, a `run` that starts another). `cli` is what a caller says of itself, as is `ui` where nobody logs in: it grants nothing.
 */
export const CHANNELS = [
  "api",
  "ui",
  "cli",
  "mcp",
  "link",
  "bulk",
  "webhook",
  "schedule",
  "sync",
  "workflow",
  "start",
  "worker",
  "run",
] as const;
export type Channel = (typeof CHANNELS)[number];

/** On whose behalf something happens (`user:…`, `worker:…`, `system`), and by which way it came in. */
export type By = { readonly actor: string; readonly channel: Channel };
