import { ErrorPanel } from "../kit/error-panel.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { ApprovalCard } from "./approval-card.tsx";
import { useApproval } from "./use-approvals.ts";

/** The question a step asks, as it is now, where its run is looked at. */
export function ApprovalInRun({ approvalId }: { readonly approvalId: string }) {
  const query = useApproval(approvalId);
  if (query.data) return <ApprovalCard approval={query.data} isFramed />;
  if (query.isError)
    return (
      <ErrorPanel
        what="The question could not be loaded"
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  return <SkeletonRows label="Loading the question" rows={4} />;
}
