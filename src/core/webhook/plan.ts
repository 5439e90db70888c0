import { templatesIn } from "../definition/template.ts";
import { isObject, type JsonObject, type JsonValue } from "../json.ts";
import { scopeOf, type View } from "../run/context.ts";
import { expressionError } from "../run/errors.ts";
import type { RunId } from "../run/ids.ts";
import type { Evaluation, Program, Scope } from "../run/questions.ts";
import { expressionsIn, fillIn } from "../run/render.ts";
import type { StepError } from "../run/run.ts";
import type { DeliveryError } from "./delivery.ts";
import type { Hook, Identity } from "./hook.ts";
import { eventIdOf } from "./request.ts";

/** What an event comes to by its hook's word. */
export type Plan =
  | { readonly do: "ignore"; readonly reason: string }
  | { readonly do: "start"; readonly eventId: string; readonly input: JsonObject }
  | {
      readonly do: "signal";
      readonly eventId: string;
      readonly runId: RunId;
      readonly signal: string;
      readonly payload: JsonValue;
    }
  | { readonly do: "refuse"; readonly errors: readonly DeliveryError[] };

/** A value of a hook that may have templates, and where it stands. */
type Field = { readonly pointer: string; readonly value: JsonValue };

/** Every expression of a hook, to be evaluated in one go, and what they see. */
export function questionsOf(
  hook: Pick<Hook, "when" | "target" | "identity">,
  context: JsonObject,
): { readonly programs: readonly Program[]; readonly scope: Scope } {
  const condition: Program[] = hook.when === null ? [] : [{ mode: "expression", text: hook.when }];
  const inFields = fieldsOf(hook).flatMap(({ pointer, value }) => {
    const asked = expressionsIn(pointer, templatesIn(value));
    return asked.ok ? asked.programs : [];
  });
  const byText = new Map([...condition, ...inFields].map((program) => [program.text, program]));
  return { programs: [...byText.values()], scope: scopeOf(viewOf(context), []) };
}

/**
 * What an event comes to. `eventId` is the sender's own, or what stands for it; a hook's template overrules it. Without
 * any, and where a cannot be evaluated, the event is refused.
 */
export function planOf(
  hook: Pick<Hook, "when" | "target" | "identity">,
  context: JsonObject,
  evaluations: ReadonlyMap<string, Evaluation>,
  eventId: string | null,
): Plan {
  if (hook.when !== null) {
    const verdict = evaluations.get(hook.when);
    if (!verdict) throw new Error(`no answer for expression ${hook.when}`);
    if (!verdict.ok) return refuse([errorOf("/when", expressionError("when", hook.when, verdict.error))]);
    if (!verdict.truth) return { do: "ignore", reason: `the condition is false: ${hook.when}` };
  }
  const filling = { view: viewOf(context), stateResults: [], evaluations };
  const filled = new Map<string, JsonValue>();
  const errors: DeliveryError[] = [];
  for (const { pointer, value } of fieldsOf(hook)) {
    const asked = expressionsIn(pointer, templatesIn(value));
    const rendered = asked.ok ? fillIn(pointer.slice(1), value, filling) : asked;
    if (rendered.ok) filled.set(pointer, rendered.value);
    else errors.push(errorOf(pointer, rendered.error));
  }
  if (errors.length > 0) return refuse(errors);
  const own = filled.get("/identity/template");
  const known = own === undefined ? eventId : idText(own);
  if (known === null) return refuse([unknowable(hook.identity)]);
  const { target } = hook;
  const body = context["body"] ?? null;
  if (target.type === "start-run") {
    const mapped = filled.get("/target/input");
    const input = mapped !== undefined ? mapped : isObject(body) ? body : { body };
    if (isObject(input)) return { do: "start", eventId: known, input };
    return refuse([{ pointer: "/target/input", message: "gives no object: a run's input is one" }]);
  }
  const runId = filled.get("/target/run");
  const signal = filled.get("/target/signal");
  if (typeof runId !== "string" || typeof signal !== "string" || signal === "")
    return refuse([
      { pointer: typeof runId === "string" ? "/target/signal" : "/target/run", message: "gives no text" },
    ]);
  const payload = filled.get("/target/payload");
  return {
    do: "signal",
    eventId: known,
    runId: runId as RunId,
    signal,
    payload: payload === undefined ? body : payload,
  };
}

/** Everything of a hook that may have templates. */
export function fieldsOf({ target, identity }: Pick<Hook, "target" | "identity">): readonly Field[] {
  const at = (pointer: string, value: JsonValue | undefined): Field[] =>
    value === undefined ? [] : [{ pointer, value }];
  const known = identity.by === "template" ? at("/identity/template", identity.template) : [];
  if (target.type === "start-run") return [...known, ...at("/target/input", target.input)];
  return [
    ...known,
    ...at("/target/run", target.run),
    ...at("/target/signal", target.signal),
    ...at("/target/payload", target.payload),
  ];
}

/** `$.a` in a hook is `a` of the body. */
function viewOf(context: JsonObject): View {
  return { context, reserved: {}, previous: context["body"] ?? null };
}

function unknowable(identity: Identity): DeliveryError {
  if (identity.by === "header")
    return {
      pointer: "/identity/header",
      message: `the request has no header ${identity.header}, by which this hook knows events again`,
    };
  return { pointer: "/identity/template", message: "gives no text or number to know the event by" };
}

function idText(value: JsonValue): string | null {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && text !== "" ? eventIdOf(text) : null;
}

function refuse(errors: readonly DeliveryError[]): Plan {
  return { do: "refuse", errors };
}

function errorOf(pointer: string, { message }: StepError): DeliveryError {
  return { pointer, message };
}
