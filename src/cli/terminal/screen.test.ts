import { expect, it } from "vitest";
import { memoryTerminal } from "./memory-terminal.ts";
import { Screen } from "./screen.ts";

it("draws over what it drew before, also when a line went on below", () => {
  const terminal = memoryTerminal({ isTty: true, columns: 10 });
  terminal.stdout.write("before\n");
  const screen = new Screen(terminal.stdout);
  screen.draw(["one", "a line longer than ten", "three"]);
  screen.draw(["one", "two"]);
  expect(terminal.screen("stdout")).toBe("before\none\ntwo\n");
  screen.finish(["done"]);
  expect(terminal.screen("stdout")).toBe("before\ndone\n");
  expect(terminal.out().endsWith("\x1b[?25h")).toBe(true);
});

it("writes nothing when nothing changed", () => {
  const terminal = memoryTerminal({ isTty: true });
  const screen = new Screen(terminal.stdout);
  screen.draw(["same"]);
  const before = terminal.out();
  screen.draw(["same"]);
  expect(terminal.out()).toBe(before);
});

it("shows the end of what is higher than the terminal, and all of it when it is done", () => {
  const terminal = memoryTerminal({ isTty: true, rows: 4 });
  const screen = new Screen(terminal.stdout);
  const lines = ["1", "2", "3", "4", "5"];
  screen.draw(lines);
  expect(terminal.screen("stdout")).toBe("  (3 lines above)\n4\n5\n");
  screen.finish(lines);
  expect(terminal.screen("stdout")).toBe("1\n2\n3\n4\n5\n");
});
