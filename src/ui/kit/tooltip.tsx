import * as Slot from "radix-ui/slot";
import {
  type FocusEvent,
  type PointerEvent,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useSyncExternalStore,
} from "react";
import { createPortal } from "react-dom";
import { overThePage } from "./over-the-page.ts";
import { hideTip, keepTip, onTip, type ShownTip, shownTip, showTip } from "./shown-tip.ts";
import s from "./tooltip.module.css";

/** Says more about its one child on hover and focus, and which key does the same. */
export function Tip({
  text,
  shortcut,
  children,
}: {
  readonly text: ReactNode;
  readonly shortcut?: string | undefined;
  readonly children: ReactNode;
}) {
  const id = useId();
  const isShown = useSyncExternalStore(onTip, () => shownTip()?.id === id);
  useEffect(() => () => hideTip(id), [id]);
  const tipFor = (anchor: Element): ShownTip => ({ id, anchor, text, shortcut });
  return (
    <Slot.Root
      {...(isShown && { "aria-describedby": id })}
      onPointerEnter={({ currentTarget, pointerType }: PointerEvent) =>
        pointerType !== "touch" && showTip(tipFor(currentTarget), "rested")
      }
      onPointerLeave={() => hideTip(id, "soon")}
      onPointerDown={() => hideTip(null)}
      onFocus={({ currentTarget }: FocusEvent) =>
        currentTarget.matches(":focus-visible") && showTip(tipFor(currentTarget), "now")
      }
      onBlur={() => hideTip(id)}
    >
      {children}
    </Slot.Root>
  );
}

/** Where the tip is drawn, once for the whole page. Any key hides it, and so does scrolling. */
export function TipLayer() {
  const tip = useSyncExternalStore(onTip, shownTip);
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (tip && box.current) place(box.current, tip);
  }, [tip]);
  useEffect(() => {
    const hide = () => hideTip(null);
    const onKey = (event: KeyboardEvent) => {
      // Escape takes the tip away and nothing else, unless there is a dialog or menu to close.
      if (event.key === "Escape" && shownTip() && !document.querySelector('[role="dialog"],[role="menu"]'))
        event.preventDefault();
      hide();
    };
    addEventListener("keydown", onKey, { capture: true });
    addEventListener("scroll", hide, { capture: true, passive: true });
    return () => {
      removeEventListener("keydown", onKey, { capture: true });
      removeEventListener("scroll", hide, { capture: true });
    };
  }, []);
  if (!tip) return null;
  return createPortal(
    <div
      key={tip.id}
      ref={box}
      id={tip.id}
      role="tooltip"
      className={s.tip}
      onPointerEnter={keepTip}
      onPointerLeave={() => hideTip(tip.id, "soon")}
    >
      {tip.text}
      {tip.shortcut && <kbd>{tip.shortcut}</kbd>}
    </div>,
    overThePage(),
  );
}

const GAP_PX = 6;
const EDGE_PX = 8;

/** Below its element, above it where there is no room, within the window. */
function place(box: HTMLElement, { anchor }: ShownTip): void {
  const at = anchor.getBoundingClientRect();
  const { width, height } = box.getBoundingClientRect();
  const below = at.bottom + GAP_PX;
  const fitsBelow = below + height <= innerHeight - EDGE_PX;
  const left = at.left + (at.width - width) / 2;
  box.style.left = `${Math.max(EDGE_PX, Math.min(left, innerWidth - EDGE_PX - width))}px`;
  box.style.top = `${fitsBelow ? below : at.top - GAP_PX - height}px`;
}
