import { lazy, Suspense, useRef } from "react";
import { TextArea } from "../kit/field.tsx";
import type { TextEditorProps } from "./text-editor.tsx";

const TextEditor = lazy(() => import("./text-editor.tsx").then((module) => ({ default: module.TextEditor })));

/** The editor; until it is loaded, a field in its place. */
export function Editor(props: Omit<TextEditorProps, "takesFocus">) {
  const { label, value, onChange } = props;
  const isFocused = useRef(false);
  return (
    <Suspense
      fallback={
        <TextArea
          aria-label={label}
          rows={12}
          value={value}
          onChange={({ target }) => onChange(target.value)}
          onFocus={() => {
            isFocused.current = true;
          }}
          onBlur={() => {
            isFocused.current = false;
          }}
        />
      }
    >
      <TextEditor {...props} takesFocus={isFocused} />
    </Suspense>
  );
}
