import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { CliError, EXIT, type ExitCode } from "./errors.ts";
import type { Session } from "./session.ts";

/** The bytes of a file that a person named; one that cannot be read ends the command with `code`. */
export async function bytesOf(
  { deps: { cwd } }: Pick<Session, "deps">,
  file: string,
  code: ExitCode = EXIT.notFound,
): Promise<Buffer> {
  const path = resolve(cwd, file);
  return readFile(path).catch((cause: unknown) => {
    throw unreadable(path, cause, code);
  });
}

/** The same as text. */
export async function textOf(
  session: Pick<Session, "deps">,
  file: string,
  code: ExitCode = EXIT.notFound,
): Promise<string> {
  return utf8(await bytesOf(session, file, code), file);
}

/** Bytes as text; what is written in another way would come out as something else. */
export function utf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CliError(EXIT.usage, `${name} is not UTF-8`, null, { cause });
  }
}

/** Why there is nothing to read at a path. */
export function unreadable(path: string, cause: unknown, code: ExitCode = EXIT.notFound): CliError {
  const { code: reason, message } = cause as NodeJS.ErrnoException;
  if (reason === "ENOENT" || reason === "ENOTDIR")
    return new CliError(code, `there is no file ${path}`, null, { cause });
  const why = reason === "EISDIR" ? "it is a folder" : reason === "EACCES" ? "permission denied" : message;
  return new CliError(code, `${path} cannot be read: ${why}`, null, { cause });
}
