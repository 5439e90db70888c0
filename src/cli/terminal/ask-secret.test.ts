import { expect, it } from "vitest";
import { askSecret } from "./ask-secret.ts";
import { memoryTerminal } from "./memory-terminal.ts";

it("a key that writes nothing adds nothing to a secret", async () => {
  const terminal = memoryTerminal({ isTty: true });
  const typed = askSecret(terminal, "API key: ", new AbortController().signal);
  for (const key of ["a", "up", "delete", "f1", "ctrl-a", "\x1b", "é", "x", "\x7f", "\r"])
    terminal.press(key);
  expect(await typed).toBe("aé");
});
