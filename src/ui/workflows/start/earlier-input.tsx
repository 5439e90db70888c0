import { useQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import type { JsonObject } from "../../../core/json.ts";
import type { Workflow } from "../../../http/schemas/workflows.ts";
import { api } from "../../api.ts";
import { useNow } from "../../clock.ts";
import { ago } from "../../format.ts";
import { Button } from "../../kit/button.tsx";
import { whyOf } from "../../kit/error-panel.tsx";
import { Menu } from "../../kit/menu.tsx";
import { say } from "../../kit/toast.ts";
import { shortId } from "../../runs/short-id.ts";
import { wordOf } from "../../status.ts";

/** The input of an earlier run, to begin with; nothing where none has run. */
export function EarlierInput({
  workflow: { id, environment },
  onChoose,
}: {
  readonly workflow: Workflow;
  readonly onChoose: (input: JsonObject) => void;
}) {
  const now = useNow(false);
  const { data } = useQuery({
    queryKey: ["runs", "inputs", id, environment],
    queryFn: () => api.listRuns({ query: { workflowId: id, environment, limit: 8 } }),
  });
  if (!data || data.items.length === 0) return null;
  const take = async (runId: string) => {
    try {
      onChoose((await api.getRun({ params: { runId } })).input);
    } catch (error) {
      say(`The input of ${shortId(runId)} could not be read: ${whyOf(error)}`, "error");
    }
  };
  return (
    <Menu
      items={data.items.map(({ runId, status, createdAt }, index) => ({
        label: `${index === 0 ? "The last one: " : ""}${shortId(runId)}, ${wordOf(status)}, ${ago(Date.parse(createdAt), now)}`,
        onSelect: () => void take(runId),
      }))}
    >
      <Button icon={History}>Input of a run…</Button>
    </Menu>
  );
}
