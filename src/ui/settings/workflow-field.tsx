import { useQuery } from "@tanstack/react-query";
import { api } from "../api.ts";
import { Field, Select } from "../kit/field.tsx";

/** Which workflow of an environment is meant. */
export function WorkflowField({
  environment,
  value,
  onChange,
}: {
  readonly environment: string;
  readonly value: string;
  readonly onChange: (workflowId: string) => void;
}) {
  const { data } = useQuery({
    queryKey: ["workflows", "names", environment],
    queryFn: () => api.listWorkflows({ query: { limit: 200, environment } }),
  });
  return (
    <Field label="Workflow">
      {(ids) => (
        <Select {...ids} value={value} onChange={({ target }) => onChange(target.value)}>
          <option value="">Choose…</option>
          {data?.items.map(({ id }) => (
            <option key={id}>{id}</option>
          ))}
        </Select>
      )}
    </Field>
  );
}
