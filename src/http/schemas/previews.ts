import { type Static, Type } from "typebox";
import { AnyJson, AnyObject, NamedEnvironment, nullable } from "./common.ts";
import { RunStatusName } from "./runs.ts";

/** The input whose path is asked for. */
export const PreviewRun = Type.Object(
  {
    environment: Type.Optional(NamedEnvironment),
    input: Type.Optional(AnyObject),
    version: Type.Optional(Type.Integer({ minimum: 1, description: "Default: the current version" })),
  },
  {
    title: "PreviewRun",
    additionalProperties: false,
    examples: [{ input: { namespace: "prod", service: "checkout" } }],
  },
);

const PreviewStep = Type.Object(
  {
    branch: Type.String({
      description: "The branch, iteration or block it is in; empty: the workflow itself",
    }),
    state: Type.String(),
    type: Type.String(),
    action: nullable(Type.String()),
    who: nullable(
      Type.String({ description: "The agent that is asked, the workflow that is run, or who may approve" }),
    ),
    condition: Type.Optional(
      nullable(Type.String({ description: "The arm that a switch takes; null: its default" })),
    ),
    next: nullable(Type.String({ description: "null: its branch ends here" })),
    isOpen: Type.Boolean({ description: "Where it goes depends on answers that nobody has given yet" }),
  },
  { title: "PreviewStep" },
);
export type PreviewStep = Static<typeof PreviewStep>;

/** The path that a run would take. */
export const RunPreview = Type.Object(
  {
    workflowId: Type.String(),
    version: Type.Integer(),
    environment: Type.String(),
    status: RunStatusName,
    steps: Type.Array(PreviewStep),
    more: Type.Integer({ description: "Steps beyond those" }),
    assumed: Type.Array(Type.String(), { description: "Consents that nobody has given" }),
    error: nullable(Type.String()),
    output: AnyJson,
    brokenOff: nullable(Type.String({ description: "Why it is not told to its end" })),
    waitsMs: Type.Integer({ description: "Of timers and backoffs; agents and people take no time here" }),
  },
  { title: "RunPreview" },
);
export type RunPreview = Static<typeof RunPreview>;
