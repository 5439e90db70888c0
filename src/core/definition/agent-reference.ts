/** The setting that opens environments to each other. */
export const CROSSINGS_SETTING = "STATION_CROSS_ENVIRONMENT_AGENTS";

/** Workflows of environment `from` (`*`: of every one) may name agents of environment `to`. */
export type Crossing = { readonly from: string; readonly to: string };

/** The agents that the workflows of one environment may name. */
export type AgentsInReach<Agent> = {
  readonly own: readonly Agent[];
  /** Of the environments that are open to this one, by their names. */
  readonly others: Readonly<Record<string, readonly Agent[]>>;
};

/** The environments whose agents the workflows of `from` may name as `name@environment`. */
export function openTo(crossings: readonly Crossing[], from: string): readonly string[] {
  const open = crossings.filter((one) => (one.from === "*" || one.from === from) && one.to !== from);
  return [...new Set(open.map(({ to }) => to))];
}

/** Every agent in reach under the spellings that a workflow may use: those of others as `name@environment`. */
export function spelled<Agent extends { readonly name: string; readonly aliases: readonly string[] }>({
  own,
  others,
}: AgentsInReach<Agent>): readonly Agent[] {
  const foreign = Object.entries(others).flatMap(([environment, agents]) =>
    agents.map((agent) => ({
      ...agent,
      name: `${agent.name}@${environment}`,
      aliases: agent.aliases.map((alias) => `${alias}@${environment}`),
    })),
  );
  return [...foreign, ...own];
}

/** Reads `name@environment`; `null` for a plain name. */
export function readForeign(
  reference: string,
): { readonly name: string; readonly environment: string } | null {
  const [, name, environment] = /^(.+)@([\w-][\w.-]*)$/.exec(reference.trim()) ?? [];
  return name === undefined || environment === undefined ? null : { name, environment };
}

/** Why a reference to an agent of another environment is refused, and what may be done about it (PRD §3.4). */
export type ForeignReference = { readonly message: string; readonly hint: string };

/** What speaks against `name@environment` in a workflow of `own`; `null` for a plain name and where it is open. */
export function foreignReference(
  reference: string,
  own: string,
  open: readonly string[],
): ForeignReference | null {
  const foreign = readForeign(reference);
  if (!foreign || open.includes(foreign.environment)) return null;
  const { name, environment } = foreign;
  const message =
    `agent "${reference}" names an environment: agents are looked for in the workflow's own ("${own}"), ` +
    `and calls into another are not supported unless ${CROSSINGS_SETTING} allows them`;
  const hint =
    environment === own
      ? `write "${name}"`
      : `put an agent "${name}" into environment "${own}", or have whoever runs Station set ${CROSSINGS_SETTING}=${own}->${environment}`;
  return { message, hint };
}
