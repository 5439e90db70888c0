import { type InfiniteData, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { JsonObject } from "../../core/json.ts";
import type { Approval } from "../../http/schemas/approvals.ts";
import { api } from "../api.ts";
import { say } from "../kit/toast.ts";
import { useOnce } from "../once.ts";
import { headingOf } from "./approval-status.ts";

export type Verb = "approve" | "reject";

/** Decides what was shown (`opened`), by the link somebody came by. A try that got no answer is repeated, not doubled. */
export function useDecision(
  opened: Approval,
  link: string | undefined,
  onDecided: ((after: Approval) => void) | undefined,
) {
  const cache = useQueryClient();
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const once = useOnce();

  const decide = async (verb: Verb, comment: string, args: JsonObject | null) => {
    if (isBusy) return;
    const { approvalId, digest } = opened;
    const body = {
      digest,
      ...(comment !== "" && { comment }),
      ...(link !== undefined && { link }),
      ...(args !== null && { args }),
    };
    setBusy(true);
    setFailure(null);
    try {
      const asked = { params: { approvalId }, body, idempotencyKey: once.keyFor([verb, body]) };
      const after = await (verb === "approve" ? api.approve(asked) : api.reject(asked));
      cache.setQueryData(["approvals", "one", approvalId], after);
      cache.setQueryData<Pages>(["approvals", "list", "mine"], without(approvalId));
      if (after.status !== "PENDING")
        cache.setQueryData<Pages>(["approvals", "list", "open"], without(approvalId));
      say(`${verb === "approve" ? "Approved" : "Rejected"}: ${headingOf(after)}`, "success");
      onDecided?.(after);
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
      for (const topic of ["approvals", "runs"]) void cache.invalidateQueries({ queryKey: [topic] });
    }
  };
  return { decide, isBusy, failure, forget: () => setFailure(null) };
}

type Pages = InfiniteData<{ readonly items: readonly Approval[]; readonly nextCursor: string | null }>;

function without(approvalId: string) {
  return (old: Pages | undefined): Pages | undefined =>
    old && {
      ...old,
      pages: old.pages.map((page) => ({
        ...page,
        items: page.items.filter((row) => row.approvalId !== approvalId),
      })),
    };
}
