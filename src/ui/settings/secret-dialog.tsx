import { Button } from "../kit/button.tsx";
import { CopyButton } from "../kit/copy-button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import s from "./settings.module.css";

/** Shows a secret the one time it can be shown. */
export function SecretDialog({
  title,
  secret,
  use,
  onClose,
}: {
  readonly title: string;
  readonly secret: string;
  /** What it is put into. */
  readonly use: string;
  readonly onClose: () => void;
}) {
  return (
    <Dialog
      open
      stays
      onClose={onClose}
      title={title}
      description="It is not shown again: keep it where secrets are kept."
      footer={
        <Button look="primary" onClick={onClose}>
          I have kept it
        </Button>
      }
    >
      <div className={s.secret}>
        <code>{secret}</code>
        <CopyButton text={secret} label="Copy" />
      </div>
      <p className={s.note}>{use}</p>
    </Dialog>
  );
}
