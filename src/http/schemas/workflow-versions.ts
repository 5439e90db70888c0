import { type Static, type TSchema, Type } from "typebox";
import type { DefinitionDiff } from "../../core/definition/diff/definitions.ts";
import { AnyJson, nullable, pageOf, Time } from "./common.ts";
import { workflowFields } from "./workflows.ts";

/** A version of a workflow: `version` counts, `authorVersion` is what the file says. */
const WorkflowVersion = Type.Object(
  {
    version: Type.Integer(),
    authorVersion: Type.String(),
    createdAt: Time,
    createdBy: Type.String(),
    restoredFrom: nullable(Type.Integer({ description: "The version a rollback went back to" })),
  },
  { title: "WorkflowVersion" },
);

export const WorkflowVersionPage = pageOf(WorkflowVersion, "WorkflowVersionPage");

const FieldChange = Type.Object(
  {
    path: Type.String({ description: "Canonical keys: `retry/maxAttempts`" }),
    before: Type.Optional(AnyJson),
    after: Type.Optional(AnyJson),
  },
  { title: "FieldChange", description: "A side that has no value is absent" },
);

const stateIdentity = {
  state: Type.String({ description: "With where it stands: `diagnostics/pods/check`" }),
  type: Type.String({ description: "`agent.run`, `human.approval`, `switch` …" }),
};

const StateChange = Type.Union(
  [
    Type.Object({ ...stateIdentity, change: Type.Enum(["added", "removed"]) }),
    Type.Object({ ...stateIdentity, change: Type.Literal("changed"), fields: Type.Array(FieldChange) }),
  ],
  { title: "StateChange" },
);

const Transition = Type.Object(
  {
    from: Type.String(),
    to: nullable(Type.String({ description: "null: the end of its branch" })),
    on: Type.Enum(["done", "choice", "failure"]),
    when: Type.Optional(Type.String({ description: "The condition of a switch's arm" })),
  },
  { title: "Transition" },
);

const changesOf = (item: TSchema) => Type.Object({ added: Type.Array(item), removed: Type.Array(item) });

/** The core's own type, described for callers. */
const part = <Name extends keyof DefinitionDiff>(_: Name, schema: TSchema) =>
  Type.Unsafe<DefinitionDiff[Name]>(schema);

/** What changed from one version of a workflow to another. */
export const WorkflowDiff = Type.Object(
  {
    workflowId: Type.String(),
    environment: Type.String(),
    from: Type.Integer(),
    to: Type.Integer(),
    isEquivalent: Type.Boolean({ description: "Both do the same; at most layout and spelling differ" }),
    fields: part("fields", Type.Array(FieldChange, { description: "Of the workflow itself" })),
    states: part("states", Type.Array(StateChange)),
    transitions: part("transitions", changesOf(Transition)),
    agents: part("agents", changesOf(Type.String())),
    approvers: part("approvers", changesOf(Type.String())),
    text: Type.String({ description: "Unified diff of the authors' texts" }),
  },
  { title: "WorkflowDiff" },
);
export type WorkflowDiff = Static<typeof WorkflowDiff>;

export const RollbackBody = Type.Object(
  { version: Type.Integer({ minimum: 1, description: "The version to go back to" }) },
  { title: "Rollback", additionalProperties: false, examples: [{ version: 1 }] },
);

/** Something a person should know about what was done. */
const Notice = Type.Object({
  code: Type.String(),
  message: Type.String(),
  hint: Type.Optional(Type.String()),
});

/** A workflow whose current version was made from an earlier one. */
export const RolledBack = Type.Object(
  { ...workflowFields, notices: Type.Array(Notice) },
  { title: "RolledBack" },
);
export type RolledBack = Static<typeof RolledBack>;
