import type { LinkProps } from "@tanstack/react-router";
import {
  Bot,
  Hand,
  History,
  LayoutDashboard,
  type LucideIcon,
  Package,
  Settings,
  Workflow,
} from "lucide-react";
import type { KeyId } from "../keys.ts";

/** An entry of the sidebar; on a phone those with `onPhone` are in the bottom bar, the others behind "More". */
export type Place = {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly link: LinkProps;
  readonly key: KeyId;
  readonly onPhone: boolean;
  /** Which count is shown beside it. */
  readonly count?: "running" | "approvals";
};

/** The places of the app, in the order of the sidebar. */
export const PLACES: readonly Place[] = [
  { label: "Overview", icon: LayoutDashboard, link: { to: "/" }, key: "go.overview", onPhone: true },
  { label: "Workflows", icon: Workflow, link: { to: "/workflows" }, key: "go.workflows", onPhone: false },
  { label: "Runs", icon: History, link: { to: "/runs" }, key: "go.runs", onPhone: true, count: "running" },
  {
    label: "Approvals",
    icon: Hand,
    link: { to: "/approvals", search: {} },
    key: "go.approvals",
    onPhone: true,
    count: "approvals",
  },
  { label: "Agents", icon: Bot, link: { to: "/agents" }, key: "go.agents", onPhone: false },
  { label: "Bundles", icon: Package, link: { to: "/bundles" }, key: "go.bundles", onPhone: false },
  {
    label: "Settings",
    icon: Settings,
    link: { to: "/settings" },
    key: "go.settings",
    onPhone: false,
  },
];
