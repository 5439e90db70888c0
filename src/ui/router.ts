import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { agentListSearch, agentSearch } from "./agents/agent-search.ts";
import { approvalSearch, inboxSearch } from "./approvals/approval-search.ts";
import { bundleSearch } from "./bundles/bundle-search.ts";
import { loginSearch } from "./login/login-search.ts";
import { runListSearch } from "./runs/run-list-search.ts";
import { runSearch } from "./runs/run-search.ts";
import { settingsSearch } from "./settings/settings-search.ts";
import { BrokenPage } from "./shell/broken.tsx";
import { Frame } from "./shell/frame.tsx";
import { NotFoundPage } from "./shell/not-found.tsx";
import { environmentSearch, workflowListSearch } from "./workflows/workflow-list-search.ts";
import { workflowSearch } from "./workflows/workflow-search.ts";

const root = createRootRoute({
  component: Frame,
  notFoundComponent: NotFoundPage,
  errorComponent: BrokenPage,
});

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("./overview/overview-page.tsx"), "OverviewPage"),
});

const runs = createRoute({
  getParentRoute: () => root,
  path: "/runs",
  validateSearch: only(runListSearch),
  component: lazyRouteComponent(() => import("./runs/run-list-page.tsx"), "RunListPage"),
});

const run = createRoute({
  getParentRoute: () => root,
  path: "/runs/$runId",
  validateSearch: only(runSearch),
  component: lazyRouteComponent(() => import("./runs/run-page.tsx"), "RunPage"),
});

const workflows = createRoute({
  getParentRoute: () => root,
  path: "/workflows",
  validateSearch: only(workflowListSearch),
  component: lazyRouteComponent(() => import("./workflows/workflow-list-page.tsx"), "WorkflowListPage"),
});

const newWorkflow = createRoute({
  getParentRoute: () => root,
  path: "/new-workflow",
  validateSearch: only(({ environment }) => environmentSearch(environment)),
  component: lazyRouteComponent(() => import("./workflows/new/new-workflow-page.tsx"), "NewWorkflowPage"),
});

const workflow = createRoute({
  getParentRoute: () => root,
  path: "/workflows/$workflowId",
  validateSearch: only(workflowSearch),
  component: lazyRouteComponent(() => import("./workflows/workflow-page.tsx"), "WorkflowPage"),
});

const approvals = createRoute({
  getParentRoute: () => root,
  path: "/approvals",
  validateSearch: only(inboxSearch),
  component: lazyRouteComponent(() => import("./approvals/inbox-page.tsx"), "InboxPage"),
});

const approval = createRoute({
  getParentRoute: () => root,
  path: "/approvals/$approvalId",
  validateSearch: only(approvalSearch),
  component: lazyRouteComponent(() => import("./approvals/approval-page.tsx"), "ApprovalPage"),
});

const agents = createRoute({
  getParentRoute: () => root,
  path: "/agents",
  validateSearch: only(agentListSearch),
  component: lazyRouteComponent(() => import("./agents/agent-list-page.tsx"), "AgentListPage"),
});

const agent = createRoute({
  getParentRoute: () => root,
  path: "/agents/$name",
  validateSearch: only(agentSearch),
  component: lazyRouteComponent(() => import("./agents/agent-page.tsx"), "AgentPage"),
});

const bundles = createRoute({
  getParentRoute: () => root,
  path: "/bundles",
  validateSearch: only(bundleSearch),
  component: lazyRouteComponent(() => import("./bundles/bundles-page.tsx"), "BundlesPage"),
});

const settingsHome = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  beforeLoad: ({ location }) => {
    if (/^\/settings\/?$/.test(location.pathname))
      throw redirect({ to: "/settings/$section", params: { section: "access" } });
  },
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings/$section",
  validateSearch: only(settingsSearch),
  component: lazyRouteComponent(() => import("./settings/settings-page.tsx"), "SettingsPage"),
});

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: only(loginSearch),
  component: lazyRouteComponent(() => import("./login/login-page.tsx"), "LoginPage"),
});

/** The router keeps of an address what its page did not understand: here it is left out in so many words. */
function only<Search extends object>(read: (search: Record<string, unknown>) => Search) {
  return (search: Record<string, unknown>): Search => ({
    ...Object.fromEntries(Object.keys(search).map((key) => [key, undefined])),
    ...read(search),
  });
}

/** Every address of the app. Pages are loaded when they are first shown, or when a link to them is pointed at. */
export const router = createRouter({
  routeTree: root.addChildren([
    home,
    workflows,
    newWorkflow,
    workflow,
    runs,
    run,
    approvals,
    approval,
    agents,
    bundles,
    agent,
    settingsHome,
    settings,
    login,
  ]),
  defaultPreload: "intent",
  defaultErrorComponent: BrokenPage,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
