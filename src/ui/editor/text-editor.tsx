import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { forceLinting, linter, lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, type Extension, StateEffect, Text } from "@codemirror/state";
import { EditorView, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import type { JsonObject } from "../../core/json.ts";
import s from "./editor.module.css";
import { completionsOf, meaningAt } from "./schema-assist.ts";
import { faultsOfJson, type SaidOf, saidAt } from "./schema-lint.ts";
import { yamlCompletionsOf, yamlMeaningAt } from "./yaml-assist.ts";

/** What is wrong at a line, counted from 1. */
export type Mark = {
  readonly line: number;
  readonly severity: "error" | "warning";
  readonly message: string;
};

export type TextEditorProps = {
  /** What it is called by who cannot see it. */
  readonly label: string;
  readonly language: "json" | "yaml";
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly marks?: readonly Mark[];
  /** What is offered and said of what is there; of a JSON text also what is wrong by it. */
  readonly schema?: JsonObject | undefined;
  /** Of a workflow: the agents that may be named. */
  readonly agents?: readonly string[];
  /** Of a JSON text: what somebody else says is wrong with it. */
  readonly faults?: readonly SaidOf[];
  /** Of what describes it. */
  readonly describedBy?: string | undefined;
  /** Where the cursor was in the field in whose place it comes; null when that had no focus. */
  readonly cursor: { readonly current: number | null };
};

/** A text with numbered lines, colours, marks where something is wrong, and help by a schema. Tab goes on, as everywhere. */
export function TextEditor({
  label,
  language,
  value,
  onChange,
  marks,
  schema,
  agents = NO_NAMES,
  faults = NONE,
  describedBy,
  cursor,
}: TextEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const changed = useRef(onChange);
  changed.current = onChange;
  const first = useRef(value);
  const before = useRef(cursor);
  const help = useRef(new Compartment());
  const known = useRef(schema);
  const said = useRef(faults);
  const named = useRef(agents);
  named.current = agents;
  useEffect(() => {
    if (!place.current) return;
    const at = before.current.current;
    const doc = Text.of(first.current.split(/\r\n?|\n/));
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc,
        // From its beginning: what is set later the browser does not know by the first key.
        selection: { anchor: Math.min(at ?? 0, doc.length) },
        extensions: [
          ...LOOKS,
          language === "json" ? json() : yaml(),
          help.current.of(helpBy(language, known.current, said, named)),
          EditorView.contentAttributes.of({ "aria-label": label }),
          EditorView.updateListener.of(({ docChanged, state }) => {
            if (docChanged) changed.current(state.doc.toString());
          }),
          cursorStays,
        ],
      }),
    });
    view.current = editor;
    if (at !== null) editor.focus();
    // A dialog around it listens on the document, and would take the key for its own.
    const onEscape = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || !editor.hasFocus || !closeCompletion(editor)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    addEventListener("keydown", onEscape, true);
    return () => {
      removeEventListener("keydown", onEscape, true);
      editor.destroy();
    };
  }, [label, language]);
  // Whoever types when it comes goes on typing.
  useEffect(() => {
    if (known.current === schema) return;
    known.current = schema;
    const effects = help.current.reconfigure(helpBy(language, schema, said, named));
    view.current?.dispatch({ effects });
  }, [language, schema]);
  // Another text than the one that was typed came from outside.
  useEffect(() => {
    first.current = value;
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    const { doc, selection } = editor.state;
    const text = editor.state.toText(value);
    const anchor = Math.min(selection.main.anchor, text.length);
    editor.dispatch({ changes: { from: 0, to: doc.length, insert: text }, selection: { anchor } });
  }, [value]);
  useEffect(() => {
    const editor = view.current;
    if (!editor || !marks) return;
    const { doc } = editor.state;
    const found = marks.map(({ line, severity, message }) => {
      const { from, to } = doc.line(Math.min(Math.max(line, 1), doc.lines));
      return { from, to, severity, message };
    });
    editor.dispatch(setDiagnostics(editor.state, found));
  }, [marks]);
  useEffect(() => {
    said.current = faults;
    if (!view.current || language !== "json") return;
    view.current.dispatch({ effects: saidNew.of(null) });
    forceLinting(view.current);
  }, [faults, language]);
  useEffect(() => {
    const content = view.current?.contentDOM;
    if (describedBy === undefined) content?.removeAttribute("aria-describedby");
    else content?.setAttribute("aria-describedby", describedBy);
  }, [describedBy]);
  return <div ref={place} className={s.editor} />;
}

/**
 * What is drawn anew within 200 ms of the focus leaves the browser's cursor at the beginning of the text, which the editor
 * then takes for somebody's doing: it believes to have put it back (seen in @codemirror/view 6.43).
 */
const cursorStays = EditorView.updateListener.of(({ view }) => {
  const { head, empty } = view.state.selection.main;
  const shown = document.getSelection();
  if (!shown?.focusNode || !shown.isCollapsed || !empty || head === 0) return;
  if (!view.hasFocus || view.composing || !view.contentDOM.contains(shown.focusNode)) return;
  if (view.posAtDOM(shown.focusNode, shown.focusOffset) !== 0) return;
  const { node, offset } = view.domAtPos(head);
  shown.collapse(node, offset);
});

const NONE: readonly SaidOf[] = [];
const NO_NAMES: readonly string[] = [];

/** Somebody else says something new of the text. */
const saidNew = StateEffect.define<null>();

/** Marks what is wrong while nobody types; anew only for a reason, as marks take away what is told of them. */
function lintOf(schema: JsonObject | undefined, said: { readonly current: readonly SaidOf[] }): Extension {
  return linter(({ state }) => [...faultsOfJson(schema, state), ...saidAt(said.current, state)], {
    delay: 250,
    needsRefresh: ({ transactions }) =>
      transactions.some(({ effects }) => effects.some((effect) => effect.is(saidNew))),
  });
}

/** What marks and says what is in a text, by its schema. */
function helpBy(
  language: TextEditorProps["language"],
  schema: JsonObject | undefined,
  said: { readonly current: readonly SaidOf[] },
  agents: { readonly current: readonly string[] },
): Extension {
  return [
    language === "json" ? lintOf(schema, said) : [],
    schema ? assistance(language, schema, agents) : [],
  ];
}

function assistance(
  language: TextEditorProps["language"],
  schema: JsonObject,
  agents: { readonly current: readonly string[] },
): readonly Extension[] {
  const isJson = language === "json";
  return [
    autocompletion({ override: [isJson ? completionsOf(schema) : yamlCompletionsOf(schema, agents)] }),
    hoverTooltip(({ state }, pos) => {
      const meaning = (isJson ? meaningAt : yamlMeaningAt)(schema, state, pos);
      if (meaning === null) return null;
      return {
        pos,
        create() {
          const dom = document.createElement("div");
          dom.textContent = meaning;
          return { dom };
        },
      };
    }),
  ];
}

const LOOKS: readonly Extension[] = [
  lineNumbers(),
  lintGutter(),
  history(),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  EditorView.lineWrapping,
  syntaxHighlighting(
    HighlightStyle.define([
      { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--code-key)" },
      { tag: [tags.string, tags.content], color: "var(--code-text)" },
      { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
      { tag: [tags.comment, tags.punctuation, tags.separator], color: "var(--fg-3)" },
    ]),
  ),
  keymap.of([...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...historyKeymap]),
];
