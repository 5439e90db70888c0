/** Why a reference to an agent of a named environment is refused, and what to write instead. */
export type ForeignReference = { readonly message: string; readonly hint: string };

/** Reads `name@environment`; `null` for a plain name. Agents are looked for in the workflow's own environment (PRD §3.4). */
export function foreignReference(reference: string, own: string): ForeignReference | null {
  const [, name, environment] = /^(.+)@([\w-][\w.-]*)$/.exec(reference.trim()) ?? [];
  if (name === undefined || environment === undefined) return null;
  const message =
    `agent "${reference}" names an environment: agents are looked for in the workflow's own ("${own}"), ` +
    "calls into another are not supported";
  const hint = environment === own ? `write "${name}"` : `put an agent "${name}" into environment "${own}"`;
  return { message, hint };
}
