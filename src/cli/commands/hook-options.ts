import { type Command, Option } from "commander";
import type { JsonValue } from "../../core/json.ts";
import type { Asked, Routes } from "../../http/contract.ts";
import type { Hook } from "../../http/schemas/hooks.ts";
import { collect } from "../action.ts";
import { usage } from "../errors.ts";
import { readJson, readText } from "../input.ts";
import { versionNumber } from "../options.ts";
import type { Session } from "../session.ts";

export type SchemeOptions = {
  readonly scheme: "standard-webhooks" | "github" | "hmac" | "bearer";
  readonly secret?: string;
  readonly signatureHeader?: string;
  readonly prefix?: string;
  readonly algorithm?: "sha256" | "sha512";
  readonly encoding?: "hex" | "base64";
  readonly timestampHeader?: string;
  readonly signs?: string;
};

export type RuleOptions = {
  readonly workflow?: string;
  readonly workflowVersion?: number;
  readonly map?: string;
  readonly signal?: string;
  readonly run?: string;
  readonly when?: string;
  readonly knownBy?: string;
  readonly header?: readonly string[];
};

type Body = Asked<Routes["createHook"]>["body"];
type Rules = Pick<Body, "target" | "when" | "identity" | "headers">;

/** How senders prove who they are. */
export function addSchemeOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--scheme <scheme>", "how senders sign")
        .choices(["standard-webhooks", "github", "hmac", "bearer"])
        .default("standard-webhooks"),
    )
    .option("--secret <@file>", "the sender's own: @file, or - for what is piped in")
    .option("--signature-header <name>", "hmac: where the signature is")
    .option("--prefix <text>", "hmac: what stands before it, as in sha256=…")
    .addOption(new Option("--algorithm <name>", "hmac: sha256 by default").choices(["sha256", "sha512"]))
    .addOption(new Option("--encoding <name>", "hmac: hex by default").choices(["hex", "base64"]))
    .option("--timestamp-header <name>", "hmac: where the time of sending is")
    .option("--signs <template>", "hmac: what is signed, with {timestamp} and {body}");
}

/** What is done with events. */
export function addRuleOptions(command: Command): Command {
  return command
    .option("--workflow <id>", "start this workflow")
    .option("--workflow-version <n>", "in this version (default: the current one)", versionNumber)
    .addOption(new Option("--signal <name>", "send this signal").conflicts("workflow"))
    .option("--run <template>", "to this run, as in '{{ body.run }}'")
    .option("--map <json>", "the run's input or the signal's payload, with templates: JSON, @file or -")
    .option("--when <starlark>", "only for events for which this is true")
    .option("--known-by <what>", "how a repeated event is known: content, nothing, a header, or a template")
    .option("--header <name>", "a header that templates may read (several times)", collect);
}

/** The scheme as the API takes it. */
export function schemeOf(options: SchemeOptions): Body["scheme"] {
  const { scheme, signatureHeader, prefix, algorithm, encoding, timestampHeader, signs } = options;
  const more = { prefix, algorithm, encoding, timestampHeader, signs };
  const given = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined));
  if (scheme !== "hmac") {
    if (signatureHeader !== undefined || Object.keys(given).length > 0)
      throw usage(
        `--scheme ${scheme} says all there is to say about signatures`,
        "--scheme hmac takes the rest",
      );
    return { type: scheme };
  }
  if (signatureHeader === undefined)
    throw usage("--scheme hmac needs a header for the signature", "--signature-header X-Signature");
  return { type: scheme, header: signatureHeader, ...given };
}

/** A secret that is no argument: arguments are seen by everybody on the machine. */
export async function secretFrom(
  session: Session,
  option: string | undefined,
): Promise<{ readonly secret?: string }> {
  if (option === undefined) return {};
  if (option !== "-" && !option.startsWith("@"))
    throw usage("a secret is not written on the command line", "--secret @file   --secret -");
  return { secret: (await readText(session, option)).trim() };
}

/** What is done with events: what is said, and otherwise what was. */
export async function rulesOf(session: Session, options: RuleOptions, before: Hook | null): Promise<Rules> {
  const { when, knownBy, header } = options;
  const map = options.map === undefined ? undefined : await readJson(session, options.map, "--map");
  const identity = knownBy === undefined ? before?.identity : identityOf(knownBy);
  return {
    target: targetOf(options, map, before?.target),
    when: when === undefined ? (before?.when ?? null) : when === "" ? null : when,
    ...(identity && { identity }),
    headers: [...(header ?? before?.headers ?? [])],
  };
}

function targetOf(
  { workflow, workflowVersion, signal, run }: RuleOptions,
  map: JsonValue | undefined,
  before: Hook["target"] | undefined,
): Rules["target"] {
  const starts = before?.type === "start-run" ? before : undefined;
  const sends = before?.type === "signal" ? before : undefined;
  const workflowId = workflow ?? (signal === undefined ? starts?.workflowId : undefined);
  if (workflowId !== undefined) {
    const input = map ?? starts?.input;
    const version = workflowVersion ?? starts?.version;
    return {
      type: "start-run",
      workflowId,
      ...(version !== undefined && { version }),
      ...(input !== undefined && { input }),
    };
  }
  const [name, to, payload] = [signal ?? sends?.signal, run ?? sends?.run, map ?? sends?.payload];
  if (name === undefined || to === undefined)
    throw usage(
      "a hook starts a workflow or sends a signal to a run",
      "--workflow <id>, or --signal <name> --run '{{ body.run }}'",
    );
  return { type: "signal", signal: name, run: to, ...(payload !== undefined && { payload }) };
}

function identityOf(text: string): NonNullable<Rules["identity"]> {
  if (text === "content" || text === "nothing") return { by: text };
  return /\{\{|\$/.test(text) ? { by: "template", template: text } : { by: "header", header: text };
}
