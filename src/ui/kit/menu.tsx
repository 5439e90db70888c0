import type { LucideIcon } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import s from "./menu.module.css";

export type MenuItem =
  | "separator"
  | {
      readonly label: string;
      readonly icon?: LucideIcon;
      readonly shortcut?: string;
      /** Disabled; shown below the label. */
      readonly disabledBecause?: string | null;
      readonly onSelect: () => void;
    };

/** A list of actions behind one button, which is `children`. */
export function Menu({
  items,
  align = "end",
  children,
}: {
  readonly items: readonly MenuItem[];
  readonly align?: "start" | "end";
  readonly children: ReactNode;
}) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{children}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={s.menu} align={align} sideOffset={4} collisionPadding={8}>
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
                  {item.disabledBecause && <small className={s.reason}>{item.disabledBecause}</small>}
                </span>
                {item.shortcut && <kbd>{item.shortcut}</kbd>}
              </DropdownMenu.Item>
            ),
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** A choice of one value behind one button, which is `children`. */
export function ChoiceMenu<Value extends string>({
  choices,
  value,
  onChange,
  children,
}: {
  readonly choices: readonly { readonly value: Value; readonly label: string }[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly children: ReactNode;
}) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{children}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={s.menu} align="start" sideOffset={4} collisionPadding={8}>
          <DropdownMenu.RadioGroup value={value} onValueChange={(chosen) => onChange(chosen as Value)}>
            {choices.map((choice) => (
              <DropdownMenu.RadioItem key={choice.value} value={choice.value} className={s.item}>
                <span className={s.label}>{choice.label}</span>
                <DropdownMenu.ItemIndicator className={s.check}>✓</DropdownMenu.ItemIndicator>
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
