import type { AgentDefinition } from "../../core/definition/agent.ts";
import { declaredNames } from "../../core/definition/known-names.ts";
import { didYouMean } from "../../core/definition/suggest.ts";
import { isObject } from "../../core/json.ts";
import type { Schemas } from "../../engine/ports/schemas.ts";
import type { AgentProblem } from "./directory.ts";
import type { Template } from "./template.ts";

/** What is wrong with an agent's template, in the lines of its file: what fails, and names that nothing gives a value. */
export function problemsOfTemplate(agent: AgentDefinition, template: Template): readonly AgentProblem[] {
  const inFile = (line: number) => ({ path: "", line: agent.bodyLine + line - 1, file: agent.file });
  if (!template.ok)
    return template.problems.map(({ line, ...problem }) => ({
      code: "TEMPLATE_SYNTAX",
      severity: "error",
      ...problem,
      ...inFile(line),
    }));
  const given = namesGiven(agent);
  if (given === null) return [];
  return [...template.variables].flatMap(([name, asked]): readonly AgentProblem[] => {
    if (asked === null || given.includes(name)) return [];
    return [
      {
        code: "UNKNOWN_NAME",
        severity: "warning",
        column: asked.column,
        message: `the prompt reads "${name}", which the input schema does not declare`,
        hint: didYouMean(name, given) ?? `declare "${name}" in the input schema`,
        ...inFile(asked.line),
      },
    ];
  });
}

/** The schemas of an agent that are none, where they stand: with one for its input it never begins. */
export function problemsOfSchemas(agent: AgentDefinition, schemas: Schemas): readonly AgentProblem[] {
  return SCHEMAS.flatMap(([key, severity, means]): readonly AgentProblem[] => {
    const schema = agent[key];
    const [error] = (schema && schemas.validate(schema, {}).errors) ?? [];
    if (error?.keyword !== "schema") return [];
    const at = agent.schemasAt?.[key] ?? { path: "", line: 1, column: 1 };
    return [
      { code: "INVALID_SCHEMA", severity, ...at, message: `${means}: ${error.message}`, file: agent.file },
    ];
  });
}

const SCHEMAS = [
  ["inputSchema", "error", "no input can be checked against the input schema"],
  ["outputSchema", "warning", "no answer will match the output schema"],
] as const;

/** What a prompt has beside its agent's input. */
const ALWAYS = ["userInput", "task", "agentName", "environment"];

/** The names that have a value as far as the file says; `null` where others may come. */
function namesGiven({ inputSchema }: AgentDefinition): readonly string[] | null {
  const declared = inputSchema ? declaredNames(inputSchema) : null;
  const fallback = inputSchema?.["default"];
  return declared && [...declared, ...(isObject(fallback) ? Object.keys(fallback) : []), ...ALWAYS];
}
