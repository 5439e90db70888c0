import { RotateCcw } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { takenOver } from "../../../core/run/taken-over.ts";
import { Button, IconButton } from "../../kit/button.tsx";
import { useWhyNot } from "../../system.ts";
import { sourceOf } from "../model/root-steps.ts";
import type { RunView } from "../use-view.ts";

const RerunDialog = lazy(() =>
  import("./rerun-dialog.tsx").then((module) => ({ default: module.RerunDialog })),
);

/** Leads to a new run that begins at this state; not there where none can begin. */
export function RerunFrom({
  view,
  state,
  isSmall = false,
}: {
  readonly view: RunView;
  readonly state: string;
  readonly isSmall?: boolean;
}) {
  const [isOpen, setOpen] = useState(false);
  const { history, run } = view;
  const mayNot = useWhyNot("runs:write", run.workflow.environment);
  // What would be taken over was purged.
  if (view.purgedAt !== null) return null;
  if (view.isPast || mayNot !== null || !takenOver(history.definition, sourceOf(history, run), state).ok)
    return null;
  const label = `Run again from ${state}`;
  return (
    <>
      {isSmall ? (
        <IconButton icon={RotateCcw} label={label} onClick={() => setOpen(true)} />
      ) : (
        <Button icon={RotateCcw} onClick={() => setOpen(true)}>
          {label}
        </Button>
      )}
      <Suspense>{isOpen && <RerunDialog view={view} from={state} onClose={() => setOpen(false)} />}</Suspense>
    </>
  );
}
