import { type FocusEvent, type MouseEvent, type ReactNode, useEffect, useId } from "react";
import { hideTip, showTip } from "../../kit/shown-tip.ts";
import type { GraphNode } from "./graph-of.ts";

/** What is said of a state while the pointer rests on its node, or the keyboard stands there. */
export function useNodeTips(
  nodes: readonly GraphNode[],
  tipOf: ((node: GraphNode) => ReactNode) | undefined,
) {
  const id = useId();
  useEffect(() => () => hideTip(id), [id]);
  const show = (target: EventTarget, when: "rested" | "now") => {
    const element = target instanceof Element ? target.closest(".react-flow__node") : null;
    const node = nodes.find((one) => one.id === element?.getAttribute("data-id"));
    const text = node && tipOf?.(node);
    if (!element || !text) return;
    hideTip(id);
    // A frame is as large as all it holds: its head is what is meant.
    showTip({ id, anchor: element.querySelector("[data-head]") ?? element, text, shortcut: undefined }, when);
  };
  return {
    onNodeMouseEnter: ({ target }: MouseEvent) => show(target, "rested"),
    onNodeMouseLeave: () => hideTip(id, "soon"),
    onFocus: ({ target }: FocusEvent) => target.matches(":focus-visible") && show(target, "now"),
    onBlur: () => hideTip(id),
  };
}
