import { Type } from "typebox";
import { ArchivePage, BringBack, BroughtBack, HoldReason } from "../schemas/archives.ts";
import { paging } from "../schemas/common.ts";
import type { Route } from "./route.ts";

const byRun = Type.Object({ runId: Type.String() });

/** What becomes of runs that ended long ago. */
export const archiveRoutes = {
  listArchives: {
    method: "get",
    path: "/api/v1/archives",
    tag: "System",
    summary: "List the files that finished runs have left the database for, newest first",
    needs: "admin",
    environment: "station",
    query: Type.Object(paging),
    ok: [200, ArchivePage],
    problems: [],
  },
  bringBackRuns: {
    method: "post",
    path: "/api/v1/archives/{archiveId}/restore",
    tag: "System",
    summary: "Bring archived runs back into the database",
    description: "Each is held, so that it stays until it is released.",
    needs: "admin",
    environment: "station",
    params: Type.Object({ archiveId: Type.String() }),
    body: BringBack,
    bodyKind: "optional",
    ok: [200, BroughtBack],
    problems: ["not-found", "archive-unusable"],
  },
  holdRun: {
    method: "post",
    path: "/api/v1/workflow-runs/{runId}/hold",
    tag: "Runs",
    summary: "Keep a run in the database, however old it becomes",
    needs: "admin",
    environment: "run",
    params: byRun,
    body: HoldReason,
    ok: [204, null],
    problems: ["not-found", "archive-unusable"],
  },
  purgeRun: {
    method: "post",
    path: "/api/v1/workflow-runs/{runId}/purge",
    tag: "Runs",
    summary: "Take a finished run's values out of the database for good",
    description:
      "Input, context, outputs, errors' words, comments, large values, agents' transcripts and what webhooks brought go; who " +
      "did what, when and with what outcome stays, and the audit trail can be verified as before. Backups and archives keep " +
      "theirs, and so do other runs: those it called, and those that took over its outcomes.",
    needs: "admin",
    environment: "run",
    params: byRun,
    body: HoldReason,
    ok: [204, null],
    problems: ["not-found", "not-purgeable"],
  },
  releaseRun: {
    method: "post",
    path: "/api/v1/workflow-runs/{runId}/release",
    tag: "Runs",
    summary: "Let a run that was held go when its time is over; nothing happens to one that was not",
    needs: "admin",
    environment: "run",
    params: byRun,
    body: HoldReason,
    ok: [204, null],
    problems: ["not-found"],
  },
} as const satisfies Record<string, Route>;
