import type { By } from "../core/identity/channel.ts";
import { adminEvent } from "./admin-event.ts";
import type { WorkflowStore } from "./ports/workflows.ts";
import type { Ports } from "./ports.ts";

type SwitchPorts = Pick<Ports, "clock"> & {
  readonly store: { readonly workflows: Pick<WorkflowStore, "setEnabled" | "remove"> };
};

/** Lets new runs of a workflow begin; false when there is no such workflow. */
export async function enableWorkflow(
  { store, clock }: SwitchPorts,
  environment: string,
  id: string,
  by: By,
): Promise<boolean> {
  const event = workflowEvent(clock, by, "workflow.enabled", environment, id, {});
  return store.workflows.setEnabled(environment, id, { enabled: true, at: event.at }, event);
}

/** Lets no new run of a workflow begin; false when there is no such workflow. */
export async function disableWorkflow(
  { store, clock }: SwitchPorts,
  environment: string,
  id: string,
  because: "operator" | "file-missing",
  by: By,
): Promise<boolean> {
  const event = workflowEvent(clock, by, "workflow.disabled", environment, id, { because });
  const change = { enabled: false, by: by.actor, because, at: event.at } as const;
  return store.workflows.setEnabled(environment, id, change, event);
}

/** Removes a workflow that never ran, with its versions. */
export async function removeWorkflow(
  { store, clock }: SwitchPorts,
  environment: string,
  id: string,
  by: By,
): ReturnType<WorkflowStore["remove"]> {
  return store.workflows.remove(
    environment,
    id,
    workflowEvent(clock, by, "workflow.removed", environment, id, {}),
  );
}

function workflowEvent(
  clock: Ports["clock"],
  by: By,
  action: string,
  environment: string,
  id: string,
  data: Parameters<typeof adminEvent>[2]["data"],
) {
  return adminEvent(clock, by, { action, environment, subject: `workflow:${environment}/${id}`, data });
}
