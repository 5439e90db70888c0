import { useRouter } from "@tanstack/react-router";
import { CircleUserRound, LogOut } from "lucide-react";
import { api, queryClient } from "../api.ts";
import { Menu, type MenuItem } from "../kit/menu.tsx";
import { say } from "../kit/toast.ts";
import { forgetKey, hasKey } from "../session.ts";
import { useMe } from "../system.ts";
import s from "./shell.module.css";

/** Who the server takes the person for, and the way out. */
export function Who() {
  const { data: me } = useMe();
  const items = useAccountItems();
  if (!me) return null;
  return (
    <Menu align="start" items={items}>
      <button type="button" className={s.who} title={me.id}>
        <CircleUserRound size={15} aria-hidden />
        <span>{me.name}</span>
      </button>
    </Menu>
  );
}

/** Who this is, what they may do, and how to leave; for a menu. */
export function useAccountItems(): readonly MenuItem[] {
  const router = useRouter();
  const { data: me } = useMe();
  if (!me) return [];
  const leave = async () => {
    const isSession = me.kind === "user" && !hasKey();
    try {
      if (isSession) await api.logout();
    } catch {
      say("Nobody was logged out: the server did not answer", "error");
      return;
    }
    forgetKey();
    queryClient.clear();
    await router.navigate({ to: "/login", search: {} });
  };
  const roles = me.access.map(({ environment, roles: names, scopes }) => {
    const what = names.length > 0 ? names : scopes;
    return `${what.join(", ")} ${environment === "*" ? "everywhere" : `in ${environment}`}`;
  });
  return [
    { label: me.id, disabledBecause: roles.join("; ") || "may do nothing here", onSelect: () => {} },
    ...(me.kind === "local"
      ? []
      : (["separator", { label: "Log out", icon: LogOut, onSelect: () => void leave() }] as const)),
  ];
}
