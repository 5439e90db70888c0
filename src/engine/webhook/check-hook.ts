import { withoutBraces } from "../../core/definition/expressions.ts";
import { didYouMean } from "../../core/definition/suggest.ts";
import { parseTemplate, templatesIn } from "../../core/definition/template.ts";
import type { Program } from "../../core/run/questions.ts";
import { faultOfSigns } from "../../core/webhook/credentials.ts";
import type { DeliveryError } from "../../core/webhook/delivery.ts";
import type { Hook } from "../../core/webhook/hook.ts";
import { fieldsOf } from "../../core/webhook/plan.ts";
import { isCredential } from "../../core/webhook/request.ts";
import { parseSecret } from "../../core/webhook/standard-webhooks.ts";
import type { Ports } from "../ports.ts";

type Wanted = Pick<Hook, "environment" | "scheme" | "target" | "when" | "identity" | "headers">;

/** What templates and conditions of a hook can read. */
const NAMES: readonly string[] = ["body", "headers", "query", "event"];

/** Everything that is wrong with a hook that is to be made or changed; pointers lead into what was asked for. */
export async function faultsOfHook(
  ports: Pick<Ports, "store" | "expressions">,
  hook: Wanted,
  secret: string | undefined,
): Promise<readonly DeliveryError[]> {
  return [
    ...(secret === undefined ? [] : faultsOfSecret(hook, secret)),
    ...faultsOfHeaders(hook),
    ...(await faultsOfTarget(ports, hook)),
    ...(await faultsOfTexts(ports, hook)),
  ];
}

/** Whether a secret that its sender made will do. */
export function faultsOfSecret({ scheme }: Pick<Hook, "scheme">, secret: string): readonly DeliveryError[] {
  if (scheme.type !== "standard-webhooks" || parseSecret(secret) !== null) return [];
  return [
    {
      pointer: "/secret",
      message: "is no secret of Standard Webhooks",
      hint: "whsec_ and 24 to 64 bytes in base64; without a secret one is made",
    },
  ];
}

function faultsOfHeaders({ scheme, headers, identity }: Wanted): readonly DeliveryError[] {
  const signs = scheme.type === "hmac" ? faultOfSigns(scheme) : null;
  const shown = headers.map((name, index) => ({ name, pointer: `/headers/${index}` }));
  if (identity.by === "header") shown.push({ name: identity.header, pointer: "/identity/header" });
  return [
    ...(signs === null ? [] : [{ pointer: "/scheme/signs", message: signs }]),
    ...shown
      .filter(({ name }) => isCredential(name) || (scheme.type === "hmac" && name === scheme.header))
      .map(({ pointer }) => ({
        pointer,
        message: "is a credential: nobody may read it, and it is not kept",
      })),
  ];
}

async function faultsOfTarget(
  { store }: Pick<Ports, "store">,
  { target, environment }: Wanted,
): Promise<readonly DeliveryError[]> {
  if (target.type !== "start-run") return [];
  const { workflowId, version } = target;
  if (await store.workflows.startable(environment, workflowId, version ?? undefined)) return [];
  const known = (await store.workflows.list(environment)).map(({ id }) => id);
  const hint = didYouMean(workflowId, known);
  const which = version === null ? "" : `version ${version} of `;
  return [
    {
      pointer: "/target/workflowId",
      message: `${which}workflow "${workflowId}" not found in environment "${environment}"`,
      ...(hint !== undefined && { hint }),
    },
  ];
}

async function faultsOfTexts(
  { expressions }: Pick<Ports, "expressions">,
  hook: Wanted,
): Promise<readonly DeliveryError[]> {
  const faults: DeliveryError[] = [];
  const asked: { readonly pointer: string; readonly program: Program }[] = [];
  const ask = (pointer: string, text: string) =>
    asked.push({ pointer, program: { mode: "expression", text } });
  if (hook.when !== null) ask("/when", hook.when);
  for (const { pointer, value } of fieldsOf(hook))
    for (const text of templatesIn(value)) {
      const template = parseTemplate(text);
      if (!template.ok) faults.push({ pointer, message: template.message });
      else
        for (const part of template.parts)
          if (part.kind !== "text" && !part.text.startsWith("$.")) ask(pointer, part.text);
    }
  const described = await expressions.describe(asked.map(({ program }) => program));
  for (const [index, { pointer, program }] of asked.entries()) {
    const { error, names = [] } = described[index] ?? {};
    if (error)
      faults.push({
        pointer,
        message: `${error.line}:${error.column}: ${error.message}: ${program.text}`,
        ...withoutBraces(program.text),
      });
    for (const { name } of names.filter((one) => !isKnown(one))) {
      const hint = didYouMean(name, NAMES) ?? `there are ${NAMES.join(", ")}`;
      faults.push({ pointer, message: `"${name}" is not there: ${program.text}`, hint });
    }
  }
  return faults;
}

function isKnown({ name, ...described }: { readonly name: string; readonly builtin?: boolean }): boolean {
  return NAMES.includes(name) || name === "ctx" || described.builtin === true;
}
