import * as DropdownMenu from "radix-ui/dropdown-menu";
import type { ReactNode } from "react";
import s from "./menu.module.css";
import type { Choice, MenuItem } from "./menu.tsx";
import { overThePage } from "./over-the-page.ts";

/** The open list of a `Menu`, with its button; loaded when it is first wanted. */
export function MenuList({
  items,
  align,
  children,
}: {
  readonly items: readonly MenuItem[];
  readonly align: "start" | "end";
  readonly children: ReactNode;
}) {
  return (
    <Listed align={align} button={children}>
      {items.map((item, index) =>
        item === "separator" ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: separators have no identity
          <DropdownMenu.Separator key={index} className={s.separator} />
        ) : (
          <DropdownMenu.Item
            key={item.label}
            className={s.item}
            disabled={Boolean(item.disabledBecause)}
            onSelect={item.onSelect}
          >
            {item.icon && <item.icon size={14} aria-hidden />}
            <span className={s.label}>
              {item.label}
              {(item.disabledBecause || item.says) && (
                <small className={s.note}>{item.disabledBecause || item.says}</small>
              )}
            </span>
            {item.shortcut && <kbd>{item.shortcut}</kbd>}
          </DropdownMenu.Item>
        ),
      )}
    </Listed>
  );
}

/** The open list of a `ChoiceMenu`, with its button. */
export function ChoiceList({
  choices,
  value,
  onChange,
  children,
}: {
  readonly choices: readonly Choice<string>[];
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly children: ReactNode;
}) {
  return (
    <Listed align="start" button={children}>
      <DropdownMenu.RadioGroup value={value} onValueChange={onChange}>
        {choices.map((choice) => (
          <DropdownMenu.RadioItem key={choice.value} value={choice.value} className={s.item}>
            <span className={s.label}>{choice.label}</span>
            <DropdownMenu.ItemIndicator className={s.check}>✓</DropdownMenu.ItemIndicator>
          </DropdownMenu.RadioItem>
        ))}
      </DropdownMenu.RadioGroup>
    </Listed>
  );
}

/** It is only there because somebody opened it. */
function Listed({
  align,
  button,
  children,
}: {
  readonly align: "start" | "end";
  readonly button: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <DropdownMenu.Root modal={false} defaultOpen>
      <DropdownMenu.Trigger asChild>{button}</DropdownMenu.Trigger>
      <DropdownMenu.Portal container={overThePage()}>
        <DropdownMenu.Content className={s.menu} align={align} sideOffset={4} collisionPadding={8}>
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
