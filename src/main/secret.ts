import { readFile } from "node:fs/promises";
import type { Secret } from "./environment-reader.ts";

/** A secret's text, read from its file where it is in one; throws, with the variable's `name`, when that holds none. */
export async function textOf(name: string, secret: Secret | null): Promise<string | null> {
  if (secret === null || secret.from === "text") return secret?.text ?? null;
  const text = await readFile(secret.path, "utf8").catch((cause: unknown) => {
    throw new Error(`${name}=${secret.path} cannot be read`, { cause });
  });
  if (text.trim() === "") throw new Error(`${name}=${secret.path} is empty`);
  return text.trim();
}
