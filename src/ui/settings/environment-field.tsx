import { useState } from "react";
import type { Scope } from "../../core/identity/permissions.ts";
import { Field, Select } from "../kit/field.tsx";
import { useRights, useSystem } from "../system.ts";

/** An environment to be chosen among those in which the person may do what takes `scope`; the default one first. */
export function useEnvironmentChoice(scope: Scope) {
  const { data } = useSystem();
  const { whyNot } = useRights();
  const [chosen, choose] = useState<string>();
  const names = new Set(["default", ...(data?.environments.map(({ name }) => name) ?? [])]);
  const environments = [...names].filter((name) => whyNot(scope, name) === null);
  return { environment: chosen ?? environments[0] ?? "default", environments, choose };
}

/** In which environment something new is made. */
export function EnvironmentField({
  environment,
  environments,
  choose,
}: ReturnType<typeof useEnvironmentChoice>) {
  return (
    <Field label="Environment">
      {(ids) => (
        <Select {...ids} value={environment} onChange={({ target }) => choose(target.value)}>
          {environments.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
      )}
    </Field>
  );
}
