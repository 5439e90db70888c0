import type { LucideIcon } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import s from "./button.module.css";
import { cx } from "./class-names.ts";
import { Tip } from "./tooltip.tsx";

type Look = "plain" | "primary" | "ghost" | "danger";

type ButtonProps = Omit<ComponentProps<"button">, "disabled"> & {
  readonly look?: Look;
  readonly icon?: LucideIcon;
  /** Disabled, and the tooltip says why. */
  readonly disabledBecause?: string | null | undefined;
  /** Shown in the tooltip with the key that does the same. */
  readonly hint?: string | undefined;
  readonly shortcut?: string | undefined;
  readonly wide?: boolean;
};

/** A button with a word. It stays focusable while disabled, so that its reason can be read. */
export function Button({
  look = "plain",
  icon: Icon,
  disabledBecause,
  hint,
  shortcut,
  wide,
  className,
  children,
  onClick,
  ...rest
}: ButtonProps) {
  const isDisabled = disabledBecause !== null && disabledBecause !== undefined;
  const button = (
    <button
      type="button"
      {...rest}
      className={cx(s.button, s[look], wide && s.wide, className)}
      aria-disabled={isDisabled || undefined}
      onClick={isDisabled ? (event) => event.preventDefault() : onClick}
    >
      {Icon && <Icon size={14} aria-hidden />}
      {children}
    </button>
  );
  const tip = disabledBecause ?? hint;
  if (tip === undefined && shortcut === undefined) return button;
  return (
    <Tip text={tip ?? ""} shortcut={isDisabled ? undefined : shortcut}>
      {button}
    </Tip>
  );
}

/** A square button with an icon only; `label` is its name and its tooltip. */
export function IconButton({
  icon: Icon,
  label,
  shortcut,
  className,
  ...rest
}: Omit<ComponentProps<"button">, "children" | "disabled"> & {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly shortcut?: string;
}) {
  return (
    <Tip text={label} shortcut={shortcut}>
      <button
        type="button"
        {...rest}
        className={cx(s.button, s.ghost, s.square, className)}
        aria-label={label}
      >
        <Icon size={15} aria-hidden />
      </button>
    </Tip>
  );
}

/** Buttons in a row, most important last. */
export function ButtonRow({ children }: { readonly children: ReactNode }) {
  return <div className={s.row}>{children}</div>;
}
