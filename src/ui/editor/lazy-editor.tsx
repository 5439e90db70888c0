import { lazy, Suspense, useRef } from "react";
import { TextArea } from "../kit/field.tsx";
import type { TextEditorProps } from "./text-editor.tsx";

const TextEditor = lazy(() => import("./text-editor.tsx").then((module) => ({ default: module.TextEditor })));

/** The editor; until it is loaded, a field in its place. */
export function Editor(props: Omit<TextEditorProps, "cursor">) {
  const { label, value, onChange } = props;
  const cursor = useRef<number | null>(null);
  const keep = ({ currentTarget }: { readonly currentTarget: HTMLTextAreaElement }) => {
    cursor.current = currentTarget.selectionEnd;
  };
  return (
    <Suspense
      fallback={
        <TextArea
          aria-label={label}
          rows={12}
          value={value}
          onChange={(event) => {
            keep(event);
            onChange(event.target.value);
          }}
          onFocus={keep}
          onSelect={keep}
          onBlur={() => {
            cursor.current = null;
          }}
        />
      }
    >
      <TextEditor {...props} cursor={cursor} />
    </Suspense>
  );
}
