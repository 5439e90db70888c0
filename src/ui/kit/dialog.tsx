import { lazy, type ReactNode, Suspense } from "react";

export type DialogProps = {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: ReactNode;
  readonly description?: ReactNode;
  /** Buttons, the one that acts last. */
  readonly footer?: ReactNode;
  readonly wide?: boolean;
  /** A click beside it does not close it. */
  readonly stays?: boolean;
  /** For texts without controls: the body can be reached and scrolled by keyboard. */
  readonly scrolls?: boolean;
  /** What `Mod+Enter` does, wherever in it the focus is; told whether Shift was held too. */
  readonly onSubmit?: (withShift: boolean) => void;
  readonly children?: ReactNode;
};

const load = () => import("./dialog-box.tsx");
const DialogBox = lazy(() => load().then((module) => ({ default: module.DialogBox })));

/** A dialog over the page; loaded once the first page is there, because none begins with one. */
export function Dialog({ open, ...box }: DialogProps) {
  if (!open) return null;
  return (
    <Suspense>
      <DialogBox {...box} />
    </Suspense>
  );
}

/** Loads what dialogs are made of, so that the first one opens at once. */
export function warmDialogs(): void {
  load().catch(() => {}); // the server is away: the first dialog asks again
}
