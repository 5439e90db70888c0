import { useNavigate, useRouterState } from "@tanstack/react-router";
import { Layers } from "lucide-react";
import { useState } from "react";
import { Select } from "../kit/field.tsx";
import type { MenuItem } from "../kit/menu.tsx";
import { useSystem } from "../system.ts";
import type { Place } from "./navigation.ts";
import s from "./shell.module.css";

const DEFAULT = "default";
/** Lists that can be narrowed to an environment. */
const LISTS: readonly string[] = ["/workflows", "/new-workflow", "/runs", "/agents", "/bundles"];
/** What is always of one environment. */
const OF_ONE = /^\/(workflows|new-workflow|agents|bundles)\b/;

/** The environment that the address names; undefined where it names none. */
export function useNamedEnvironment(): string | undefined {
  return useRouterState({ select: ({ location: { search } }) => search.environment });
}

/** The environment somebody works in: what the address says, or said last. */
export function useEnvironment() {
  const navigate = useNavigate();
  const { data } = useSystem();
  const pathname = useRouterState({ select: ({ location }) => location.pathname });
  const named = useNamedEnvironment();
  const [last, setLast] = useState(named);
  if (named !== undefined && named !== last) setLast(named);
  const isOfOne = OF_ONE.test(pathname);
  const current = named ?? (isOfOne ? DEFAULT : undefined);
  const known = data?.environments.map(({ name }) => name) ?? [];
  return {
    /** Undefined: what is shown is of all of them. */
    current,
    isOfOne,
    names: [...new Set([...known, DEFAULT, ...(current === undefined ? [] : [current])])].sort(),
    /** Goes on with the list that is open, or with the workflows. */
    choose(environment: string | undefined) {
      setLast(environment);
      const to = LISTS.find((list) => list === pathname) ?? "/workflows";
      void navigate({ to, search: { environment } });
    },
    /** A place of the sidebar, in this environment. */
    within({ link }: Place): Place["link"] {
      const isList = LISTS.includes(String(link.to));
      return isList && last !== undefined && last !== DEFAULT
        ? { ...link, search: { environment: last } }
        : link;
    },
  };
}

type Environment = ReturnType<typeof useEnvironment>;

/** Which environment somebody works in; nothing where there is no choice. */
export function EnvironmentSwitch({ current, names, isOfOne, choose }: Environment) {
  if (names.length < 2) return null;
  return (
    <div className={s.environment}>
      <Layers size={15} aria-hidden />
      <Select
        aria-label="Environment"
        value={current ?? ""}
        onChange={({ target }) => choose(target.value || undefined)}
      >
        {!isOfOne && <option value="">All environments</option>}
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </Select>
    </div>
  );
}

/** The same for a menu. */
export function environmentItems({ current, names, choose }: Environment): readonly MenuItem[] {
  const others = names.filter((name) => name !== current);
  if (others.length === 0) return [];
  return [
    "separator",
    ...others.map((name) => ({ label: `Go to ${name}`, icon: Layers, onSelect: () => choose(name) })),
  ];
}
