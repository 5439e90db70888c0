import * as Radix from "radix-ui/dialog";
import { useRef, useState } from "react";
import { LoggedOutNote } from "../shell/logged-out.tsx";
import { isWriting } from "../writing.ts";
import s from "./dialog.module.css";
import type { DialogProps } from "./dialog.tsx";

/**
 * An open dialog: focus stays inside, Escape closes it, and so does a click beside it unless somebody has written in it;
 * focus returns to where it was.
 */
export function DialogBox({
  onClose,
  title,
  description,
  footer,
  wide,
  scrolls,
  stays = false,
  onSubmit,
  children,
}: Omit<DialogProps, "open">) {
  const [opener] = useState(openerOf);
  const box = useRef<HTMLDivElement>(null);
  return (
    <Radix.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={s.overlay} />
        <Radix.Content
          ref={box}
          className={s.dialog}
          data-wide={wide || undefined}
          onKeyDown={(event) => {
            if (!onSubmit || event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
            event.preventDefault();
            onSubmit(event.shiftKey);
          }}
          onInteractOutside={(event) => {
            if (stays || (box.current && isWriting(box.current))) event.preventDefault();
          }}
          onCloseAutoFocus={(event) => {
            if (!opener?.isConnected) return;
            event.preventDefault();
            opener.focus();
          }}
          {...(!description && { "aria-describedby": undefined })}
        >
          <header className={s.header}>
            <Radix.Title className={s.title}>{title}</Radix.Title>
            {description && <Radix.Description className={s.description}>{description}</Radix.Description>}
          </header>
          <LoggedOutNote />
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

/** What had the focus before; of an entry of a menu, which is gone by the end, the button of the menu. */
function openerOf(): HTMLElement | null {
  const { activeElement: focused } = document;
  const menu = focused?.closest('[role="menu"]');
  const opener = menu ? document.getElementById(menu.getAttribute("aria-labelledby") ?? "") : focused;
  return opener instanceof HTMLElement && opener !== document.body ? opener : null;
}
