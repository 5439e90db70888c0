import * as Tooltip from "radix-ui/tooltip";
import type { ReactNode } from "react";
import s from "./tooltip.module.css";

/** Says more about its one child on hover and focus, and which key does the same. */
export function Tip({
  text,
  shortcut,
  side = "bottom",
  children,
}: {
  readonly text: ReactNode;
  readonly shortcut?: string | undefined;
  readonly side?: "top" | "bottom" | "left" | "right";
  readonly children: ReactNode;
}) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className={s.tip} side={side} sideOffset={6} collisionPadding={8}>
          {text}
          {shortcut && <kbd>{shortcut}</kbd>}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
