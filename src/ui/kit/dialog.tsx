import * as Radix from "radix-ui/dialog";
import type { ReactNode } from "react";
import s from "./dialog.module.css";

/** A dialog over the page: focus stays inside, Escape closes it, focus returns to where it was. */
export function Dialog({
  open,
  onClose,
  title,
  description,
  footer,
  wide,
  scrolls,
  children,
}: {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: ReactNode;
  readonly description?: ReactNode;
  /** Buttons, the one that acts last. */
  readonly footer?: ReactNode;
  readonly wide?: boolean;
  /** For texts without controls: the body can be reached and scrolled by keyboard. */
  readonly scrolls?: boolean;
  readonly children?: ReactNode;
}) {
  return (
    <Radix.Root open={open} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={s.overlay} />
        <Radix.Content
          className={s.dialog}
          data-wide={wide || undefined}
          {...(!description && { "aria-describedby": undefined })}
        >
          <header className={s.header}>
            <Radix.Title className={s.title}>{title}</Radix.Title>
            {description && <Radix.Description className={s.description}>{description}</Radix.Description>}
          </header>
          {children && (
            <div className={s.body} {...(scrolls && { tabIndex: 0 })}>
              {children}
            </div>
          )}
          {footer && <footer className={s.footer}>{footer}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
