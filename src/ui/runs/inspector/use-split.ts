import { type CSSProperties, type KeyboardEvent, type PointerEvent, useState } from "react";

const [LEAST, MOST, DEFAULT, STEP] = [320, 640, 420, 20];

/** The width of the inspector: dragged, or moved by the arrow keys; remembered. */
export function useSplit() {
  const [width, setWidth] = useState(() => clamp(Number(localStorage.getItem("inspector-width")) || DEFAULT));
  const change = (next: number) => {
    const kept = clamp(next);
    setWidth(kept);
    localStorage.setItem("inspector-width", String(kept));
  };
  return {
    style: { "--inspector": `${width}px` } as CSSProperties,
    handle: {
      role: "separator",
      tabIndex: 0,
      "aria-label": "Width of the details",
      "aria-orientation": "vertical",
      "aria-valuenow": width,
      "aria-valuemin": LEAST,
      "aria-valuemax": MOST,
      onPointerDown: (event: PointerEvent<HTMLDivElement>) =>
        event.currentTarget.setPointerCapture(event.pointerId),
      onPointerMove: (event: PointerEvent<HTMLDivElement>) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) change(innerWidth - event.clientX);
      },
      onKeyDown: (event: KeyboardEvent) => {
        if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
        event.preventDefault();
        change(width + (event.key === "ArrowLeft" ? STEP : -STEP));
      },
    },
  } as const;
}

function clamp(width: number): number {
  return Math.min(MOST, Math.max(LEAST, Math.round(width)));
}
