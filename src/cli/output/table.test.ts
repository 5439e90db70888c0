import { describe, expect, it } from "vitest";
import { makeLook } from "../terminal/look.ts";
import { textWidth } from "../terminal/text.ts";
import { type Column, table, tabSeparated } from "./table.ts";

type Row = { readonly id: string; readonly about: string; readonly by: string };
const columns: readonly Column<Row>[] = [
  { title: "id", value: ({ id }) => id },
  { title: "about", value: ({ about }) => about, optional: 1 },
  { title: "by", value: ({ by }) => by, optional: 2 },
];
const rows: readonly Row[] = [
  { id: "incident-triage", about: "Automated incident diagnosis with an approval gate", by: "user:ana" },
  { id: "deploy", about: "a\tb", by: "user:bob" },
];
const at = (width: number) => table(columns, rows, { look: makeLook(false, true), width });

describe("for people", () => {
  it("is as wide as its content where there is room", () => {
    expect(at(90)).toBe(
      [
        "ID               ABOUT                                               BY",
        "incident-triage  Automated incident diagnosis with an approval gate  user:ana",
        "deploy           a b                                                 user:bob",
        "",
      ].join("\n"),
    );
  });

  it.each([60, 40, 24, 12])("never exceeds %i cells", (width) => {
    for (const line of at(width).split("\n")) expect(textWidth(line)).toBeLessThanOrEqual(width);
  });

  it("drops what matters least before it cuts what matters", () => {
    expect(at(45).split("\n")[0]).toBe("ID               ABOUT");
    expect(at(24).split("\n")[1]).toBe("incident-triage");
  });

  it("says nothing about nothing", () => {
    expect(table(columns, [], { look: makeLook(false, true), width: 80 })).toBe("");
  });
});

it("for programs it is tab-separated, whole, and without titles", () => {
  expect(tabSeparated(columns, rows)).toBe(
    "incident-triage\tAutomated incident diagnosis with an approval gate\tuser:ana\ndeploy\ta b\tuser:bob\n",
  );
});
