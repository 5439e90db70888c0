import { say } from "./toast.ts";

/** Copies a text and says `done`, or that the browser refused. */
export async function copyAndSay(text: string, done: string): Promise<void> {
  if (await copyText(text)) say(done, "success");
}

/**
 * Copies a text: also where the page is not served securely (plain HTTP beyond this machine). False where the browser
 * refuses, which it has said then.
 */
export async function copyText(text: string): Promise<boolean> {
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else copySelected(text);
    return true;
  } catch {
    say("The browser does not let this page copy", "error");
    return false;
  }
}

function copySelected(text: string): void {
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  if (!isCopied) throw new Error("the browser did not copy");
}
