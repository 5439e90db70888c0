import { describe, expect, it } from "vitest";
import { agent, block, workflow } from "../../../../test/support/drive.ts";
import type { State } from "../types.ts";
import { mermaidOf } from "./mermaid.ts";
import { outlineOf } from "./outline.ts";

const decide = (conditions: readonly [string, string][], defaultNext?: string): State => ({
  type: "switch",
  name: "decide",
  conditions: conditions.map(([condition, next]) => ({ if: condition, next })),
  ...(defaultNext === undefined ? {} : { defaultNext }),
});

function outline(states: readonly State[]): readonly string[] {
  return outlineOf(workflow(states)).map(({ rail, kind, text, detail }) =>
    kind === "jump"
      ? `${rail}→ ${text}`
      : kind === "way" && detail
        ? `${rail}${text} → ${detail}`
        : `${rail}${text}`,
  );
}

describe("the outline of a workflow", () => {
  it("goes on below where ways that parted meet again", () => {
    const states = [
      decide([["a", "left"]], "right"),
      agent("left", "both"),
      agent("right", "both"),
      agent("both"),
    ];
    expect(outline(states)).toEqual([
      "decide",
      "├─ a",
      "│  left",
      "│  → both",
      "├─ otherwise",
      "│  right",
      "│  → both",
      "both",
      "end",
    ]);
  });

  it("keeps ways apart that end for themselves, and draws a way back as a jump", () => {
    const states = [
      agent("look", "decide"),
      decide(
        [
          ["again", "look"],
          ["bad", "stop"],
        ],
        "fine",
      ),
      agent("stop"),
      agent("fine"),
    ];
    expect(outline(states)).toEqual([
      "look",
      "decide",
      "├─ again → look",
      "├─ bad",
      "│  stop",
      "│  end",
      "└─ otherwise",
      "   fine",
      "   end",
    ]);
  });

  it("draws what a state holds below it, and where failures go", () => {
    const fan: State = {
      type: "parallel",
      name: "fan",
      branches: [block("one", [agent("a", "b"), agent("b")]), block("two", [agent("c")])],
      join: "all",
      onBranchFailure: "cancel",
      onError: { next: "mend" },
      transition: { next: "done" },
    };
    expect(outline([fan, agent("mend", "done"), agent("done")])).toEqual([
      "fan",
      "├─ one",
      "│  a",
      "│  b",
      "├─ two",
      "│  c",
      "├─ on error",
      "│  mend",
      "│  → done",
      "done",
      "end",
    ]);
  });

  it("draws every state that can be reached exactly once, also where everything is connected", () => {
    const names = ["a", "b", "c", "d"];
    const states = names.map(
      (name): State => ({
        type: "switch",
        name,
        conditions: names.map((next) => ({ if: `to ${next}`, next })),
      }),
    );
    const drawn = outlineOf(workflow(states)).filter(({ kind }) => kind === "state");
    expect(drawn.map(({ text }) => text).toSorted()).toEqual(names);
  });
});

describe("a workflow as Mermaid", () => {
  it("escapes whatever authors write, and gives every state a name of its own", () => {
    const states = [decide([['x == "end" and y <\n 3 # ;', "end"]], "end"), agent("end")];
    expect(mermaidOf(workflow(states))).toBe(`flowchart TD
  start([Start])
  start --> s0
  s0{"decide<br/>switch"}
  s1["end<br/>agent end"]
  s0 -->|"x == #quot;end#quot; and y #lt; 3 #35; ;"| s1
  s0 -->|"otherwise"| s1
  s1 --> finish
  finish([End])
`);
  });
});
