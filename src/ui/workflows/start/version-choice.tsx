import { useQuery } from "@tanstack/react-query";
import type { Workflow } from "../../../http/schemas/workflows.ts";
import { api } from "../../api.ts";
import { Select } from "../../kit/field.tsx";

/** Which version a run is started with; nothing where there is only one. */
export function VersionChoice({
  workflow: { id, environment, version },
  isPinned,
  onChange,
}: {
  readonly workflow: Workflow;
  readonly isPinned: boolean;
  /** Null: whichever is the current one. */
  readonly onChange: (version: number | null) => void;
}) {
  const { data } = useQuery({
    queryKey: ["workflows", "versions", id, environment, "choice"],
    queryFn: () => api.listWorkflowVersions({ params: { id }, query: { environment, limit: 50 } }),
  });
  const [current, ...older] = data?.items ?? [];
  if (!current || older.length === 0) return null;
  return (
    <Select
      aria-label="Version"
      value={isPinned ? version : ""}
      onChange={({ target }) => onChange(target.value === "" ? null : Number(target.value))}
    >
      <option value="">v{current.version}, the current one</option>
      {older.map((one) => (
        <option key={one.version} value={one.version}>
          v{one.version}
        </option>
      ))}
    </Select>
  );
}
