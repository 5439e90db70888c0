import { ensureSyntaxTree, syntaxTree } from "@codemirror/language";
import type { EditorState } from "@codemirror/state";

/** Far more than the largest input takes; by itself the editor stops after 20 ms, where they are. */
const PATIENCE_MS = 5000;

/** The syntax of a whole text, also of what is not in sight. */
export function wholeTree(state: EditorState): ReturnType<typeof syntaxTree> {
  return ensureSyntaxTree(state, state.doc.length, PATIENCE_MS) ?? syntaxTree(state);
}
