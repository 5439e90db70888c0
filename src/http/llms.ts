import { workflowSchema } from "../core/definition/language/workflow-schema.ts";
import { routeList } from "./contract.ts";

/** A workflow that says how they are written. */
export const EXAMPLE = `id: restart-service
inputSchema: { type: object, properties: { service: { type: string } }, required: [service] }
states:
  - { name: look, type: agent, agent: diagnostics, task: "Look at {{ input.service }}", next: decide }
  - name: decide
    type: switch
    conditions: [{ if: "steps.look.healthy == True", next: done }]
    defaultNext: ask
  - { name: ask, type: approval, message: "Restart {{ input.service }}?", approvers: ["team:sre"], next: restart }
  - { name: restart, type: agent, agent: operator, task: "Restart {{ input.service }}", next: done }
  - { name: done, type: inject, data: { told: true }, end: true }
`;

/** The page for language models (llmstxt.org): how workflows are written, and every route. */
export function llmsText(): string {
  return `# Station

> Runs durable procedures written in YAML in which AI agents do the work: with branches, parallel steps, human approvals,
> retries and a trail of everything that happened.

- [JSON Schema of the workflow language](/api/v1/schemas/workflow.json)
- [OpenAPI document of all routes](/api/v1/openapi.json)
- \`POST /api/v1/workflows/validate\` says what is wrong with a workflow, by line and column, and changes nothing.
- \`/mcp\` is an MCP server (streamable HTTP), unless \`STATION_MCP=off\`.
- Programs send \`Authorization: Bearer <key>\`. Problems are RFC 9457 (\`application/problem+json\`). A repeated POST with
  the same \`Idempotency-Key\` has its effect once.

## The workflow language

A workflow is a map with an \`id\` and a list of \`states\`; each goes on at \`next\` or has \`end: true\`. \`{{ … }}\` in a text
is a path: \`input.service\` of the run's input, \`steps.look.healthy\` of a step's result. Conditions and \`expression\` are Starlark.

\`\`\`yaml
${EXAMPLE}\`\`\`

States by \`type\`:

${statesOf(workflowSchema).join("\n")}

${sectionsOfRoutes().join("\n\n")}
`;
}

/** What is called otherwise in the schema than as a type. */
const TYPES: Readonly<Record<string, string>> = { call: "workflow" };

function statesOf({ $defs }: typeof workflowSchema): readonly string[] {
  return Object.entries($defs as Readonly<Record<string, { readonly description?: string }>>).flatMap(
    ([name, { description }]) => {
      const [, kind] = /^(\w+)State$/.exec(name) ?? [];
      return kind === undefined ? [] : [`- \`${TYPES[kind] ?? kind}\`: ${description}`];
    },
  );
}

function sectionsOfRoutes(): readonly string[] {
  const byTag = Map.groupBy(routeList, ([, { tag }]) => tag);
  return [...byTag].map(([tag, routes]) => {
    const lines = routes.map(([, { method, path, summary, needs, isPublic }]) => {
      const who = isPublic ? "anybody" : needs === "identity" ? "whoever is known" : needs;
      return `- \`${method.toUpperCase()} ${path}\`: ${summary} (${who})`;
    });
    return `## ${tag}\n\n${lines.join("\n")}`;
  });
}
