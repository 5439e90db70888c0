import type { KnownWorkflow } from "../calls.ts";
import type { Shape } from "../schema/shape.ts";
import type { AgentState, Block, CallState, State } from "../types.ts";
import type { AgentSchemas } from "./agent-input.ts";
import type { Outer, Scene, View, World } from "./scene.ts";

/** A list of states to run through. */
export type FlowBlock = Pick<Block, "start" | "states" | "resultOf"> & {
  /** Canonical pointer of what owns the list. */
  readonly pointer: string;
  /** A block of a try: its result is its last state's, whatever it wrote. */
  readonly isTry: boolean;
};

/** Where a state leads to, and what is known there; `null` ends the list. */
export type Way = { readonly to: string | null; readonly scene: Scene };

/** A way from one state to the next, or into and out of a list of states. */
export type Passage = {
  /** `null` where the list begins. */
  readonly from: State | null;
  /** `null` where the list ends. */
  readonly to: State | null;
  /** Canonical pointers of what owns the list, and of `to`. */
  readonly list: string;
  readonly pointer: string;
  readonly view: View;
};

/** What running through a block comes to. */
export type BlockEnd = {
  /** What is known when it ends well; `null` when it never does. */
  readonly end: Scene | null;
  readonly result: Shape;
  /** What may have been written when it fails, of a block of a try; `null` when it cannot. */
  readonly failed: Scene | null;
};

/** What an analysis of a definition carries from state to state. */
export type Flow = {
  readonly world: World;
  /** Work that may still be done; when it is used up, nothing is reported. */
  readonly budget: { left: number };
  readonly agentOf: (state: AgentState) => AgentSchemas | undefined;
  readonly calledOf: (state: CallState) => KnownWorkflow | undefined;
  /** Called once for every state that can be reached, with all that is known there. */
  readonly look: (state: State, pointer: string, view: View) => void;
  /** Called for every way between states that can be taken, with what is known on that way alone. */
  readonly pass: ((passage: Passage) => void) | null;
  readonly block: (block: FlowBlock, outer: Outer, entry: Scene, isFinal: boolean) => BlockEnd;
};
