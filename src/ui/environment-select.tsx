import { Select } from "./kit/field.tsx";
import { useSystem } from "./system.ts";

/** Which environment a page is about; nothing where there is no choice. */
export function EnvironmentSelect({
  value,
  onChange,
}: {
  readonly value: string | undefined;
  readonly onChange: (environment: string | undefined) => void;
}) {
  const { data } = useSystem();
  const names = [
    ...new Set([...(data?.environments.map(({ name }) => name) ?? []), "default", ...(value ? [value] : [])]),
  ];
  if (names.length < 2) return null;
  return (
    <Select
      aria-label="Environment"
      value={value ?? "default"}
      onChange={({ target }) => onChange(target.value === "default" ? undefined : target.value)}
    >
      {names.sort().map((name) => (
        <option key={name}>{name}</option>
      ))}
    </Select>
  );
}
