import type { ReactNode } from "react";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import s from "./settings.module.css";
import { useAct } from "./use-act.ts";

/** Asks before something is done that cannot be taken back; `action` names it. */
export function AskDialog({
  title,
  text,
  action,
  look = "danger",
  onDo,
  onClose,
  children,
}: {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly look?: "danger" | "primary";
  readonly onDo: () => Promise<void>;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}) {
  const { act, isBusy, failure } = useAct();
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      description={text}
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button look={look} onClick={() => void act(onDo)}>
            {isBusy ? "…" : action}
          </Button>
        </>
      }
    >
      {children}
      {failure && (
        <p className={s.wrong} role="alert">
          {failure}
        </p>
      )}
    </Dialog>
  );
}
