import type { Issue } from "../definition/diagnostic.ts";
import { pointerTo } from "../definition/pointer.ts";
import { isList, isObject, type JsonObject, type JsonValue } from "../json.ts";
import { translateList } from "./tasks.ts";
import { ROOT_NAMES, Translation } from "./translation.ts";

export type Imported = {
  /** Our workflow as its author would write it; only of use when no issue is an error. */
  readonly workflow: JsonObject;
  readonly issues: readonly Issue[];
};

const KNOWN = ["document", "input", "use", "do", "timeout", "output", "schedule", "evaluate"];

/** A document of the Open Workflow Specification (Serverless Workflow DSL 1.0) as a workflow of ours. */
export function importDocument(value: JsonValue): Imported {
  const translation = new Translation(isObject(value) ? value : {});
  const { document } = translation;
  const head = isObject(document["document"]) ? document["document"] : {};
  if (!isList(document["do"]) || document["do"].length === 0) {
    const hint =
      "Serverless Workflow 0.x documents with `states:` are of another kind; migrate them to 1.0 first";
    translation.error(
      "MISSING_KEY",
      "",
      "there is no `do:` with tasks",
      "states" in document ? hint : undefined,
    );
    return { workflow: {}, issues: translation.issues };
  }
  const dsl = head["dsl"];
  if (typeof dsl !== "string" || !/^1\./.test(dsl))
    translation.error(
      "UNSUPPORTED",
      "/document/dsl",
      `the document says dsl ${JSON.stringify(dsl ?? null)}`,
      "1.0 is read",
    );
  translation.only(document, "", KNOWN);
  checkEvaluate(translation, document["evaluate"]);
  if (isObject(document["use"]) && "extensions" in document["use"])
    translation.error(
      "UNSUPPORTED",
      "/use/extensions",
      "extensions of tasks have no counterpart",
      "write their tasks where they belong",
    );
  const { name = "imported", version = "1.0", title, summary } = head;
  const states = translateList(translation, document["do"], "/do", {
    names: ROOT_NAMES,
    isRoot: true,
  }).states;
  const workflow: JsonObject = {
    id: String(name),
    version: String(version),
    ...(title === undefined ? {} : { name: String(title) }),
    ...(summary === undefined ? {} : { description: String(summary) }),
    ...schemaOf(translation, document["input"], "input", "from"),
    ...schemaOf(translation, document["output"], "output", "as"),
    ...translation.timeout(document["timeout"], "/timeout"),
    ...scheduleOf(translation, document["schedule"]),
    ...(states.length > 0 ? { start: String(states[0]?.["name"]) } : {}),
    states,
  };
  return { workflow, issues: translation.issues };
}

/** jq within `${ }` is what is read. */
function checkEvaluate(translation: Translation, evaluate: JsonValue | undefined): void {
  const { language = "jq", mode = "strict" } = isObject(evaluate) ? evaluate : {};
  if (language !== "jq")
    translation.error("UNSUPPORTED", "/evaluate/language", `expressions in ${String(language)} are not read`);
  if (mode !== "strict")
    translation.error(
      "UNSUPPORTED",
      "/evaluate/mode",
      `the mode "${String(mode)}" has no counterpart`,
      `write expressions in \${ }`,
    );
}

/** The schema of what goes in or out; `change` says how it would be changed there. */
function schemaOf(
  translation: Translation,
  given: JsonValue | undefined,
  key: "input" | "output",
  change: string,
): JsonObject {
  if (!isObject(given)) return {};
  if (change in given)
    translation.error(
      "UNSUPPORTED",
      `/${key}/${change}`,
      `\`${key}.${change}\` has no counterpart`,
      `${key === "input" ? "begin" : "end"} with a \`set\` task`,
    );
  const schema = isObject(given["schema"]) ? given["schema"] : {};
  const { format = "json" } = schema;
  if (!/^json(?::|$)/.test(String(format)))
    translation.error("UNSUPPORTED", `/${key}/schema/format`, `a schema in ${String(format)} is not read`);
  if ("resource" in schema)
    translation.error(
      "UNSUPPORTED",
      `/${key}/schema/resource`,
      "a schema elsewhere is not fetched",
      "write it as `document`",
    );
  return isObject(schema["document"]) ? { [`${key}Schema`]: schema["document"] } : {};
}

function scheduleOf(translation: Translation, schedule: JsonValue | undefined): JsonObject {
  if (!isObject(schedule)) return {};
  for (const key of Object.keys(schedule))
    if (key !== "cron")
      translation.error(
        "UNSUPPORTED",
        pointerTo("/schedule", key),
        `\`schedule.${key}\` has no counterpart`,
        "`cron` has one",
      );
  return typeof schedule["cron"] === "string" ? { schedule: { cron: schedule["cron"] } } : {};
}
