import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps, getSmoothStepPath } from "@xyflow/react";
import { memo } from "react";
import { labelOf, shortLabelOf } from "./edge-label.ts";
import type { Point, Route } from "./layout.ts";
import s from "./run-graph.module.css";

export type FlowEdgeData = {
  readonly kind: "next" | "arm" | "error";
  readonly label: string | null;
  /** What a decided switch saw. */
  readonly seen: string | null;
  /** So many characters the label may have. */
  readonly chars: number;
  readonly isTaken: boolean;
  readonly isPassed: boolean;
  readonly route?: Route;
};

/** A way from state to state: solid when it was taken, dashed while it may be or when it was not. */
export const FlowEdge = memo(function FlowEdge(props: EdgeProps<Edge<FlowEdgeData>>) {
  const { data, id } = props;
  if (!data) return null;
  const [plain, labelX, labelY] = getSmoothStepPath({ ...props, borderRadius: 8 });
  const { route, label, seen, chars, isTaken, isPassed, kind } = data;
  const path = route && route.points.length > 1 ? rounded(route.points, 8) : plain;
  const at = route?.label ?? { x: labelX, y: labelY };
  const look = isTaken ? "taken" : isPassed ? "passed" : "open";
  return (
    <>
      <BaseEdge id={id} path={path} className={`${s.edge} ${s[look]} ${kind === "error" ? s.error : ""}`} />
      {label !== null && (
        <EdgeLabelRenderer>
          <span
            className={s.label}
            data-look={look}
            title={labelOf(label, seen)}
            style={{ transform: `translate(-50%, -50%) translate(${at.x}px, ${at.y}px)` }}
          >
            {shortLabelOf(label, seen, chars)}
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  );
});

/** A line through points with round corners. */
function rounded(points: readonly Point[], radius: number): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let path = `M ${first.x} ${first.y}`;
  for (const [index, point] of rest.entries()) {
    const before = points[index] ?? first;
    const after = rest[index + 1];
    if (!after) {
      path += ` L ${point.x} ${point.y}`;
      continue;
    }
    const into = towards(point, before, radius);
    const out = towards(point, after, radius);
    path += ` L ${into.x} ${into.y} Q ${point.x} ${point.y} ${out.x} ${out.y}`;
  }
  return path;
}

function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const part = Math.min(distance, length / 2) / length;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}
