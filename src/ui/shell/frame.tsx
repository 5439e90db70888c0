import { Outlet, useRouterState } from "@tanstack/react-router";
import * as Tooltip from "radix-ui/tooltip";
import { Shell } from "./shell.tsx";

/** The shell around every page, but not around the login: nobody is known there. */
export function Frame() {
  const isLogin = useRouterState({ select: ({ location }) => location.pathname === "/login" });
  return <Tooltip.Provider delayDuration={300}>{isLogin ? <Outlet /> : <Shell />}</Tooltip.Provider>;
}
