import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { BulkAction } from "../../../core/run/bulk.ts";
import type { RunRow } from "../../../http/schemas/runs.ts";
import { api, queryClient } from "../../api.ts";
import { whyOf } from "../../kit/error-panel.tsx";
import { useOnce } from "../../once.ts";
import { useRights } from "../../system.ts";
import type { RunListSearch } from "../run-list-search.ts";
import { filterOf } from "../use-runs.ts";
import { concerned, statusesFor } from "./bulk-words.ts";

/** The runs something is done to: the marked ones, or all that fit the filter of the list. */
export type BulkTarget =
  | { readonly kind: "marked"; readonly runs: readonly RunRow[] }
  | { readonly kind: "all"; readonly scope: RunListSearch; readonly environment: string };

export type Refused = { readonly run: RunRow; readonly why: string };

export type BulkOutcome = {
  readonly done: number;
  readonly refused: readonly Refused[];
  /** A request takes at most so many; these are left. */
  readonly remaining: number;
};

/** How many runs an action would reach, the first of them, and the way to do it. */
export function useBulk(action: BulkAction, target: BulkTarget) {
  // "The last hour" is the one that was counted.
  const [all] = useState(() => (target.kind === "all" ? bulkOf(action, target) : null));
  const preview = useQuery({
    queryKey: ["runs", "bulk", all],
    queryFn: () => (all ? api.bulkRuns({ body: { ...all, dryRun: true } }) : null),
    enabled: all !== null,
  });
  const once = useOnce();
  const { whyNot } = useRights();
  const marked =
    target.kind === "marked" ? concerned(action, target.runs, (at) => whyNot("runs:write", at)) : [];
  const matching = target.kind === "marked" ? marked.length : (preview.data?.matching ?? null);
  const act = async (reason: string): Promise<BulkOutcome> => {
    try {
      if (!all) {
        const key = once.keyFor(reason);
        return await each(marked, (run) => actOn(action, run, reason, `${key}/${run.runId}`));
      }
      const body = { ...all, expect: matching ?? 0, ...(reason !== "" && { reason }) };
      const { done, items, remaining } = await api.bulkRuns({ body, idempotencyKey: once.keyFor(body) });
      once.done();
      const refused = items.flatMap(({ run, isDone, detail }) =>
        isDone ? [] : [{ run, why: detail ?? "" }],
      );
      return { done, refused, remaining };
    } finally {
      void queryClient.invalidateQueries({ queryKey: ["runs"] });
    }
  };
  return {
    matching,
    shown: target.kind === "marked" ? marked : (preview.data?.items.map(({ run }) => run) ?? []),
    error: preview.error,
    act,
  };
}

function bulkOf(action: BulkAction, { scope, environment }: BulkTarget & { kind: "all" }) {
  const { environment: _, ...filter } = filterOf(scope);
  return { action, environment, filter: { ...filter, status: statusesFor(action, scope) } };
}

function actOn(action: BulkAction, { runId }: RunRow, reason: string, idempotencyKey: string) {
  const params = { runId };
  const body = reason === "" ? {} : { reason };
  switch (action) {
    case "pause":
      return api.pauseRun({ params, body, idempotencyKey });
    case "resume":
      return api.resumeRun({ params, idempotencyKey });
    case "cancel":
      return api.cancelRun({ params, body, idempotencyKey });
    case "rerun":
      return api.rerunRun({ params, idempotencyKey });
  }
}

const AT_ONCE = 4;

/** Each by itself: one that is refused stops no other. */
async function each(runs: readonly RunRow[], act: (run: RunRow) => Promise<unknown>): Promise<BulkOutcome> {
  const refused: Refused[] = [];
  let done = 0;
  for (let i = 0; i < runs.length; i += AT_ONCE)
    await Promise.all(
      runs.slice(i, i + AT_ONCE).map((run) =>
        act(run).then(
          () => done++,
          (error: unknown) => refused.push({ run, why: whyOf(error) }),
        ),
      ),
    );
  return { done, refused, remaining: 0 };
}
