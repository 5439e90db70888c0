import type { Diagnostic } from "../../core/definition/diagnostic.ts";
import { MAX_SOURCE_BYTES } from "./yaml.ts";

export type Decoded = { readonly text: string } | { readonly problem: Diagnostic };

/** UTF-8 bytes as text; a byte order mark is dropped, anything that is not UTF-8 is a problem with its line. */
export function decodeText(bytes: Uint8Array): Decoded {
  if (bytes.length > MAX_SOURCE_BYTES) return { problem: tooLarge(bytes.length) };
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return { problem: encodingProblem("the file is UTF-16", 1, "save it as UTF-8") };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return {
      problem: encodingProblem("the file is not valid UTF-8", firstBadLine(bytes), "save it as UTF-8"),
    };
  }
}

/** The finding for a file that is not even read. */
export function tooLarge(size: number): Diagnostic {
  const message = `${size} bytes are more than the ${MAX_SOURCE_BYTES} allowed`;
  return { code: "TOO_LARGE", severity: "error", path: "", line: 1, column: 1, message };
}

function encodingProblem(message: string, line: number, hint: string): Diagnostic {
  return { code: "ENCODING", severity: "error", path: "", line, column: 1, message, hint };
}

function firstBadLine(bytes: Uint8Array): number {
  const lenient = new TextDecoder("utf-8").decode(bytes);
  return lenient.slice(0, lenient.indexOf("\uFFFD")).split("\n").length;
}
