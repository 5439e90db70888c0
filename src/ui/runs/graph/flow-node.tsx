import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import {
  Bot,
  ChevronDown,
  ChevronRight,
  Clock,
  GitFork,
  Hand,
  type LucideIcon,
  Radio,
  Repeat,
  Rows3,
  Shield,
  Syringe,
  WandSparkles,
} from "lucide-react";
import { memo } from "react";
import { Note, StatusIcon } from "../../kit/badge.tsx";
import { lookOf } from "../../status.ts";
import type { GraphNode } from "./graph-of.ts";
import type { Box } from "./layout.ts";
import type { NodeState } from "./node-states.ts";
import s from "./run-graph.module.css";

export type FlowNodeData = {
  readonly node: GraphNode;
  readonly box: Box;
  readonly state: NodeState | undefined;
  readonly isSelected: boolean;
  readonly isFolded: boolean;
  readonly toggle: (id: string) => void;
};

/** A state as a box; one that holds branches as a frame around them. */
export const FlowNode = memo(function FlowNode({ data }: NodeProps<Node<FlowNodeData>>) {
  const { node, state, isSelected, isFolded, toggle } = data;
  const look = lookOf(state?.status ?? "PENDING");
  const Icon = iconOf(node);
  const handles = (
    <>
      <Handle type="target" position={Position.Top} className={s.handle ?? ""} isConnectable={false} />
      <Handle type="source" position={Position.Bottom} className={s.handle ?? ""} isConnectable={false} />
    </>
  );
  const canFold = node.type === "parallel" || node.type === "foreach" || node.type === "try";
  const fold = canFold && (
    <button
      type="button"
      className={s.fold}
      tabIndex={-1}
      aria-label={`${isFolded ? "Unfold" : "Fold"} ${node.title}`}
      onClick={(event) => {
        event.stopPropagation();
        toggle(node.id);
      }}
    >
      {isFolded ? <ChevronRight size={14} aria-hidden /> : <ChevronDown size={14} aria-hidden />}
    </button>
  );
  if (node.isGroup)
    return (
      <div
        className={s.group}
        data-tone={look.tone}
        data-status={state?.status}
        data-selected={isSelected || undefined}
        data-block={node.type === "block" || undefined}
      >
        {handles}
        <div className={s.groupHead} data-head>
          <Icon size={13} aria-hidden />
          <span className={s.groupName}>{node.title}</span>
          {fold}
          <span className={s.detail}>{state?.detail}</span>
          {state && node.type !== "block" && <StatusIcon status={state.status} size={14} />}
        </div>
      </div>
    );
  return (
    <div
      className={s.box}
      data-tone={look.tone}
      data-status={state?.status}
      data-selected={isSelected || undefined}
    >
      {handles}
      {state && <StatusIcon status={state.status} size={16} />}
      <span className={s.words}>
        <span className={s.title} title={node.title}>
          {node.title}
        </span>
        <span className={s.sub}>
          <span className={s.kindName}>{node.agent ?? (node.isApproval ? "approval" : node.type)}</span>
          {state?.detail && <span>&nbsp;· {state.detail}</span>}
        </span>
      </span>
      {state && state.attempts > 1 && <Note tone="person">×{state.attempts}</Note>}
      {fold}
      <Icon size={14} className={s.kind} aria-hidden />
    </div>
  );
});

function iconOf({ type, isApproval }: GraphNode): LucideIcon {
  switch (type) {
    case "operation":
      return isApproval ? Hand : Bot;
    case "switch":
      return GitFork;
    case "parallel":
    case "block":
      return Rows3;
    case "foreach":
      return Repeat;
    case "try":
      return Shield;
    case "inject":
      return Syringe;
    case "transform":
      return WandSparkles;
    case "timer":
      return Clock;
    case "signal":
      return Radio;
  }
}
