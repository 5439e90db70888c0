import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, IconButton } from "./button.tsx";
import { copyText } from "./copy.ts";

/** Copies a text and says so for a moment. Without `label` only an icon. */
export function CopyButton({
  text,
  label,
  name,
}: {
  readonly text: string | (() => string);
  readonly label?: string;
  /** What is copied, for the icon's tooltip: `Copy run id`. */
  readonly name?: string;
}) {
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    if (!isDone) return;
    const timer = setTimeout(() => setDone(false), 1500);
    return () => clearTimeout(timer);
  }, [isDone]);
  const copy = () => void copyText(typeof text === "function" ? text() : text).then(setDone);
  const icon = isDone ? Check : Copy;
  return label === undefined ? (
    <IconButton icon={icon} label={isDone ? "Copied" : (name ?? "Copy")} onClick={copy} />
  ) : (
    <Button icon={icon} onClick={copy}>
      {isDone ? "Copied" : label}
    </Button>
  );
}
