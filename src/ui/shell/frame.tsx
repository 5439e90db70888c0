import { Outlet, useRouterState } from "@tanstack/react-router";
import { TipLayer } from "../kit/tooltip.tsx";
import { Shell } from "./shell.tsx";

/** The shell around every page, but not around the login: nobody is known there. */
export function Frame() {
  const isLogin = useRouterState({ select: ({ location }) => location.pathname === "/login" });
  return (
    <>
      {isLogin ? <Outlet /> : <Shell />}
      <TipLayer />
    </>
  );
}
