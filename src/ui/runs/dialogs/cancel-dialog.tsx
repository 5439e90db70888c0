import { useState } from "react";
import { api } from "../../api.ts";
import { plural } from "../../format.ts";
import { Button } from "../../kit/button.tsx";
import { Dialog } from "../../kit/dialog.tsx";
import { whyOf } from "../../kit/error-panel.tsx";
import { Field, onEnter, TextInput } from "../../kit/field.tsx";
import type { RunView } from "../use-view.ts";

/** Asks before a run is ended: what is running, and why. */
export function CancelDialog({
  view: { run },
  onClose,
}: {
  readonly view: RunView;
  readonly onClose: () => void;
}) {
  const [reason, setReason] = useState("");
  const [failure, setFailure] = useState<string | null>(null);
  const running = Object.values(run.steps).filter(
    ({ progress }) => progress.status === "RUNNING" && "lease" in progress,
  );
  const cancel = async () => {
    try {
      await api.cancelRun({ params: { runId: run.id }, body: reason === "" ? {} : { reason } });
      onClose();
    } catch (error) {
      setFailure(whyOf(error));
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Cancel ${run.workflow.id}?`}
      description={
        running.length === 0
          ? "Nothing is being executed. The run ends now and cannot be resumed."
          : `${plural(running.length, "agent is", "agents are")} working and will be stopped: ${running
              .slice(0, 5)
              .map(({ state }) => state)
              .join(", ")}${running.length > 5 ? "…" : ""}. What they did is not undone.`
      }
      footer={
        <>
          <Button onClick={onClose}>Keep running</Button>
          <Button look="danger" onClick={() => void cancel()}>
            Cancel run
          </Button>
        </>
      }
    >
      <Field label="Reason" hint="Written to the audit trail" error={failure}>
        {(ids) => (
          <TextInput
            {...ids}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            onKeyDown={onEnter(() => void cancel())}
          />
        )}
      </Field>
    </Dialog>
  );
}
