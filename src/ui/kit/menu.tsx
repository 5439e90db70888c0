import type { LucideIcon } from "lucide-react";
import * as Slot from "radix-ui/slot";
import { lazy, type ReactNode, Suspense, useState } from "react";

export type MenuItem =
  | "separator"
  | {
      readonly label: string;
      readonly icon?: LucideIcon;
      readonly shortcut?: string;
      /** What it does; shown below the label. */
      readonly says?: string;
      /** Disabled; shown below the label, instead of what it does. */
      readonly disabledBecause?: string | null;
      readonly onSelect: () => void;
    };

export type Choice<Value extends string> = { readonly value: Value; readonly label: string };

const load = () => import("./menu-list.tsx");
const MenuList = lazy(() => load().then((module) => ({ default: module.MenuList })));
const ChoiceList = lazy(() => load().then((module) => ({ default: module.ChoiceList })));

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
    <OnDemand button={children}>
      <MenuList items={items} align={align}>
        {children}
      </MenuList>
    </OnDemand>
  );
}

/** A choice of one value behind one button, which is `children`. */
export function ChoiceMenu<Value extends string>({
  choices,
  value,
  onChange,
  children,
}: {
  readonly choices: readonly Choice<Value>[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly children: ReactNode;
}) {
  return (
    <OnDemand button={children}>
      <ChoiceList choices={choices} value={value} onChange={(chosen) => onChange(chosen as Value)}>
        {children}
      </ChoiceList>
    </OnDemand>
  );
}

/** The button alone until somebody wants the list: lists are heavy, and most are never opened. */
function OnDemand({ button, children }: { readonly button: ReactNode; readonly children: ReactNode }) {
  const [isWanted, setWanted] = useState(false);
  const warm = () => void load();
  const alone = (
    <Slot.Root
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={warm}
      onFocus={warm}
      onClick={() => setWanted(true)}
      onKeyDown={(event: React.KeyboardEvent) => event.key === "ArrowDown" && setWanted(true)}
    >
      {button}
    </Slot.Root>
  );
  return isWanted ? <Suspense fallback={alone}>{children}</Suspense> : alone;
}
