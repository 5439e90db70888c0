import { Field, Select } from "../kit/field.tsx";
import { useWorkflowNames } from "../workflows/use-workflow-names.ts";

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
  const { data } = useWorkflowNames(environment);
  return (
    <Field label="Workflow">
      {(ids) => (
        <Select {...ids} value={value} onChange={({ target }) => onChange(target.value)}>
          <option value="">Choose…</option>
          {data?.map(({ id }) => (
            <option key={id}>{id}</option>
          ))}
        </Select>
      )}
    </Field>
  );
}
