import { edgesOf, nestedBlocks } from "../graph.ts";
import type { Block, Definition, State } from "../types.ts";
import { arrowsOf, detailOf } from "./words.ts";

/** A workflow as a Mermaid flowchart: nested lists of states are subgraphs, failures dotted arrows. */
export function mermaidOf(definition: Definition): string {
  const lines = ["flowchart TD"];
  const root = { name: definition.name, start: definition.start, states: definition.states };
  const names = new Map<State, string>();
  number(root.states, names);
  lines.push("  start([Start])", `  start --> ${idIn(root, root.start, names)}`);
  draw(root, names, lines, "  ");
  if (lines.some((line) => line.endsWith(" finish"))) lines.push("  finish([End])");
  return `${lines.join("\n")}\n`;
}

function number(states: readonly State[], names: Map<State, string>): void {
  for (const state of states) {
    names.set(state, `s${names.size}`);
    for (const { block } of nestedBlocks(state)) number(block.states, names);
  }
}

type List = Pick<Block, "start" | "states">;

function idIn({ states }: List, name: string, names: ReadonlyMap<State, string>): string {
  const state = states.find((candidate) => candidate.name === name);
  return (state && names.get(state)) ?? "unknown";
}

function draw(list: List, names: ReadonlyMap<State, string>, lines: string[], indent: string): void {
  const isRoot = indent === "  ";
  for (const state of list.states) {
    const id = names.get(state) ?? "";
    lines.push(`${indent}${id}${shapeOf(state)}`);
    for (const { block, path } of nestedBlocks(state)) {
      const blockId = `${id}_${path.replace("/", "_")}`;
      lines.push(`${indent}subgraph ${blockId} [${quoted(`${state.name}: ${block.name}`)}]`);
      draw(block, names, lines, `${indent}  `);
      lines.push(`${indent}end`, `${indent}${id} --- ${idIn(block, block.start, names)}`);
    }
  }
  for (const state of list.states) {
    const id = names.get(state) ?? "";
    const labels = new Map(arrowsOf(state).map(({ path, label }) => [path, label]));
    for (const { target, path, on } of edgesOf(state)) {
      const label = labels.get(path);
      const arrow = on === "failure" ? "-.->" : "-->";
      lines.push(
        `${indent}${id} ${arrow}${label === undefined ? "" : `|${quoted(label)}|`} ${idIn(list, target, names)}`,
      );
    }
    if (isRoot && "transition" in state && "end" in state.transition) lines.push(`${indent}${id} --> finish`);
  }
}

/** What decides is a rhombus, what asks a person leans, what waits is round. */
function shapeOf(state: State): string {
  const detail = detailOf(state);
  const text = quoted(detail === "" ? state.name : `${state.name}<br/>${escaped(detail)}`, true);
  if (state.type === "switch") return `{${text}}`;
  if (state.type === "timer" || state.type === "signal") return `(${text})`;
  return state.type === "operation" && state.action === "human.approval" ? `[/${text}/]` : `[${text}]`;
}

function quoted(text: string, isEscaped = false): string {
  return `"${isEscaped ? text : escaped(text)}"`;
}

/** Mermaid's own escapes; a line break would end the statement. */
function escaped(text: string): string {
  return text
    .replaceAll("#", "#35;")
    .replaceAll('"', "#quot;")
    .replaceAll("<", "#lt;")
    .replaceAll(">", "#gt;")
    .replaceAll(/\s+/g, " ");
}
