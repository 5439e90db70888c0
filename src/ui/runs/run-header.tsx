import { Ban, Download, Ellipsis, GitCompare, Pause, Play, Radio, RotateCcw } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { statusOf } from "../../core/run/run.ts";
import { api } from "../api.ts";
import { keyOf, useKeys } from "../keys.ts";
import { StatusBadge } from "../kit/badge.tsx";
import { Button, IconButton } from "../kit/button.tsx";
import { CopyButton } from "../kit/copy-button.tsx";
import { whyOf } from "../kit/error-panel.tsx";
import { Menu } from "../kit/menu.tsx";
import { PageHeader } from "../kit/page.tsx";
import { say } from "../kit/toast.ts";
import { useWhyNot } from "../system.ts";
import { exportEvents, NOT_WHOLE } from "./export-events.ts";
import type { RunView } from "./use-view.ts";

const CancelDialog = lazy(() =>
  import("./dialogs/cancel-dialog.tsx").then((module) => ({ default: module.CancelDialog })),
);
const RerunDialog = lazy(() =>
  import("./dialogs/rerun-dialog.tsx").then((module) => ({ default: module.RerunDialog })),
);
const SignalDialog = lazy(() =>
  import("./dialogs/signal-dialog.tsx").then((module) => ({ default: module.SignalDialog })),
);
const CompareDialog = lazy(() =>
  import("./dialogs/compare-dialog.tsx").then((module) => ({ default: module.CompareDialog })),
);

type Open = "cancel" | "rerun" | "signal" | "compare" | null;

/** Where the run is, how it stands, and what can be done with it. */
export function RunHeader({ view, isWhole }: { readonly view: RunView; readonly isWhole: boolean }) {
  const { run, isPast, isOver, history } = view;
  const [open, setOpen] = useState<Open>(null);
  const [isBusy, setBusy] = useState(false);
  const isPaused = run.lifecycle.status === "PAUSED";
  const pastReason = isPast ? "You are looking at the past; go back to live first" : null;
  const mayNot = useWhyNot("runs:write", run.workflow.environment);
  const againReason = pastReason ?? mayNot;
  const overReason = againReason ?? (isOver ? "The run is over" : null);
  const params = { runId: run.id };
  const pauseOrResume = async () => {
    if (isBusy) return;
    setBusy(true);
    try {
      await (isPaused ? api.resumeRun({ params }) : api.pauseRun({ params }));
    } catch (error) {
      say(`The run could not be ${isPaused ? "resumed" : "paused"}: ${whyOf(error)}`, "error");
    } finally {
      setBusy(false);
    }
  };
  const unless = (reason: string | null, action: () => void) => (reason === null ? action : null);
  useKeys({
    "run.pause": unless(overReason, () => void pauseOrResume()),
    "run.cancel": unless(overReason, () => setOpen("cancel")),
    "run.rerun": unless(againReason, () => setOpen("rerun")),
    "run.signal": unless(overReason, () => setOpen("signal")),
    "run.compare": () => setOpen("compare"),
  });
  const close = () => setOpen(null);
  return (
    <>
      <PageHeader
        crumbs={[
          { label: "Runs", link: { to: "/runs" } },
          {
            label: run.workflow.id,
            link: {
              to: "/workflows/$workflowId",
              params: { workflowId: run.workflow.id },
              search: { environment: run.workflow.environment },
            },
          },
        ]}
        title={run.id}
        mono
        status={
          <>
            <CopyButton text={run.id} name="Copy run id" />
            <StatusBadge status={statusOf(run)} />
          </>
        }
        actions={
          <>
            {isOver ? (
              <Button
                icon={RotateCcw}
                shortcut={keyOf("run.rerun")}
                hint="A new run"
                disabledBecause={mayNot}
                onClick={() => setOpen("rerun")}
              >
                Run again
              </Button>
            ) : (
              <>
                <Button
                  icon={isPaused ? Play : Pause}
                  hint={
                    isPaused ? "Goes on where it stands" : "Finishes the running steps, starts no new one"
                  }
                  shortcut={keyOf("run.pause")}
                  disabledBecause={overReason}
                  onClick={() => void pauseOrResume()}
                >
                  {isBusy ? (isPaused ? "Resuming…" : "Pausing…") : isPaused ? "Resume" : "Pause"}
                </Button>
                <Button
                  icon={Ban}
                  hint="Ends the run at once"
                  shortcut={keyOf("run.cancel")}
                  disabledBecause={overReason}
                  onClick={() => setOpen("cancel")}
                >
                  Cancel
                </Button>
              </>
            )}
            <Menu
              items={[
                {
                  label: "Run again…",
                  icon: RotateCcw,
                  shortcut: keyOf("run.rerun"),
                  disabledBecause: againReason,
                  onSelect: () => setOpen("rerun"),
                },
                {
                  label: "Send a signal…",
                  icon: Radio,
                  shortcut: keyOf("run.signal"),
                  disabledBecause: overReason,
                  onSelect: () => setOpen("signal"),
                },
                {
                  label: "Compare with another run",
                  icon: GitCompare,
                  shortcut: keyOf("run.compare"),
                  onSelect: () => setOpen("compare"),
                },
                "separator",
                {
                  label: "Export events as JSON",
                  icon: Download,
                  disabledBecause: isWhole ? null : NOT_WHOLE,
                  onSelect: () => exportEvents(history, "json"),
                },
                {
                  label: "Export events as NDJSON",
                  icon: Download,
                  disabledBecause: isWhole ? null : NOT_WHOLE,
                  onSelect: () => exportEvents(history, "ndjson"),
                },
              ]}
            >
              <IconButton icon={Ellipsis} label="More actions" />
            </Menu>
          </>
        }
      />
      <Suspense>
        {open === "cancel" && <CancelDialog view={view} onClose={close} />}
        {open === "rerun" && <RerunDialog view={view} onClose={close} />}
        {open === "signal" && <SignalDialog view={view} onClose={close} />}
        {open === "compare" && <CompareDialog view={view} onClose={close} />}
      </Suspense>
    </>
  );
}
