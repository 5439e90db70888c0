import { Field, Select } from "../kit/field.tsx";
import { useSystem } from "../system.ts";

/** In which environment something new is made. */
export function EnvironmentField({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (environment: string) => void;
}) {
  const { data } = useSystem();
  const names = [...new Set(["default", ...(data?.environments.map(({ name }) => name) ?? [])])];
  return (
    <Field label="Environment">
      {(ids) => (
        <Select {...ids} value={value} onChange={({ target }) => onChange(target.value)}>
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
      )}
    </Field>
  );
}
