import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { RolledBack } from "../../../http/schemas/workflow-versions.ts";
import type { Workflow } from "../../../http/schemas/workflows.ts";
import { api, queryClient } from "../../api.ts";
import { Button } from "../../kit/button.tsx";
import { Dialog } from "../../kit/dialog.tsx";
import { ErrorPanel, whyOf } from "../../kit/error-panel.tsx";
import { SkeletonRows } from "../../kit/skeleton.tsx";
import { say } from "../../kit/toast.ts";
import { SemanticDiff } from "./semantic-diff.tsx";
import s from "./versions.module.css";

/** Shows what going back would change, does it, and says what will undo it. */
export function RollbackDialog({
  workflow: { id, version: current, environment, origin },
  version,
  onClose,
}: {
  readonly workflow: Workflow;
  readonly version: number;
  readonly onClose: () => void;
}) {
  const [from] = useState(current);
  const [done, setDone] = useState<RolledBack | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const diff = useQuery({
    queryKey: ["workflows", "diff", id, environment, from, version],
    queryFn: () => api.diffWorkflow({ params: { id }, query: { environment, from, to: version } }),
  });
  const rollBack = async () => {
    try {
      const rolled = await api.rollbackWorkflow({
        params: { id },
        query: { environment },
        // What was shown is what is done: nobody has published in between.
        headers: { "if-match": `"${from}"` },
        body: { version },
      });
      await queryClient.invalidateQueries({ queryKey: ["workflows"] });
      if (rolled.notices.length > 0) return setDone(rolled);
      say(`${id} is at v${rolled.version}, which says what v${version} said`, "success");
      onClose();
    } catch (error) {
      setFailure(error);
    }
  };
  if (done)
    return (
      <Dialog
        open
        onClose={onClose}
        title={`${id} is at v${done.version}`}
        footer={
          <Button look="primary" onClick={onClose}>
            Close
          </Button>
        }
      >
        <ul className={s.notices} aria-label="Notices">
          {done.notices.map(({ code, message, hint }) => (
            <li key={code}>
              {message}
              {hint && <span className={s.faint}> – {hint}</span>}
            </li>
          ))}
        </ul>
      </Dialog>
    );
  return (
    <Dialog
      open
      onClose={onClose}
      wide
      scrolls
      title={`Roll ${id} back to v${version}?`}
      description={`The text of v${version} becomes v${from + 1}. Runs that have begun stay with their version.`}
      footer={
        <>
          <Button onClick={onClose}>Keep v{from}</Button>
          <Button look="primary" onClick={() => void rollBack()}>
            Roll back to v{version}
          </Button>
        </>
      }
    >
      {origin !== "api" && (
        <p className={s.warning}>
          <code>{origin}</code> on disk is not changed: what it says comes back with the next sync.
        </p>
      )}
      {diff.isPending ? (
        <SkeletonRows rows={3} label="Loading what would change" />
      ) : diff.isError ? (
        <ErrorPanel what="What would change could not be loaded" error={diff.error} />
      ) : (
        <SemanticDiff diff={diff.data} />
      )}
      {failure !== null && (
        <p className={s.wrong} role="alert">
          {whyOf(failure)}
        </p>
      )}
    </Dialog>
  );
}
