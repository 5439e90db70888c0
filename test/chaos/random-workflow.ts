import type { JsonObject } from "../../src/core/json.ts";
import type { Chance } from "../simulation/random.ts";

/**
 * A random workflow as an author would write it: every state type, nested up to two levels deep. It always completes,
 * and always with the same result: what fails is handled, and nothing depends on who is faster.
 */
export function randomWorkflow(chance: Chance, id: string): JsonObject {
  let count = 0;
  const named = (kind: string) => `${kind}_${++count}`;

  const list = (depth: number, isRepeated: boolean): readonly JsonObject[] => {
    const names = Array.from({ length: 1 + chance.below(3) }, () => named("s"));
    return names.flatMap((name, index) => {
      const next = names[index + 1];
      const onward: JsonObject = next === undefined ? { end: true } : { next };
      return state(name, onward, depth, isRepeated);
    });
  };

  const agent = (name: string, onward: JsonObject): JsonObject => {
    const [kind, retry] = chance.pick([
      ["worker", {}],
      ["worker", {}],
      ["flaky", { retry: { maxAttempts: 2, backoffSeconds: 0.1 } }],
      ["stubborn", { retry: { maxAttempts: 3, backoffSeconds: 0.1 } }],
    ] as const);
    const variables = { ms: 10 + chance.below(150) };
    const input = { agent: kind, task: `${name} {{ input.name }}`, variables };
    return { name, type: "operation", action: "agent.run", input, ...retry, resultPath: name, ...onward };
  };

  /** One state, or a switch with its arms. */
  function state(
    name: string,
    onward: JsonObject,
    depth: number,
    isRepeated: boolean,
  ): readonly JsonObject[] {
    const kinds = ["agent", "agent", "agent", "inject", "transform", "timer", "approval", "switch"];
    // In a loop's body every item would wait for a signal of the same name.
    if (!isRepeated) kinds.push("signal");
    if (depth > 0) kinds.push("parallel", "parallel", "foreach", "foreach", "try", "try");
    switch (chance.pick(kinds)) {
      case "inject":
        return [{ name, type: "inject", data: { [name]: "{{ input.name }}" }, ...onward }];
      case "transform":
        return [{ name, type: "transform", expression: "len(ctx.parts) * 2", resultPath: name, ...onward }];
      case "timer":
        return [{ name, type: "timer", duration: `${50 + chance.below(600)}ms`, ...onward }];
      case "signal":
        return [{ name, type: "signal", signal: `go_${name}`, resultPath: name, ...onward }];
      case "approval":
        return [
          {
            name,
            type: "approval",
            message: `May ${name} happen?`,
            approvers: ["key:approver"],
            resultPath: name,
            ...onward,
          },
        ];
      case "switch": {
        const [yes, no] = [named("yes"), named("no")];
        const conditions = [{ if: `input.parts[0].n % ${2 + chance.below(3)} == 0`, next: yes }];
        return [{ name, type: "switch", conditions, defaultNext: no }, agent(yes, onward), agent(no, onward)];
      }
      case "parallel": {
        const branches = Array.from({ length: 2 + chance.below(2) }, () => ({
          name: named("b"),
          states: list(depth - 1, isRepeated),
        }));
        return [{ name, type: "parallel", branches, resultPath: name, ...onward }];
      }
      case "foreach":
        return [
          {
            ...{ name, type: "foreach", itemsPath: "input.parts", itemName: "item" },
            ...{ maxConcurrency: 1 + chance.below(4), iterator: { states: list(depth - 1, true) } },
            ...{ resultPath: name, ...onward },
          },
        ];
      case "try": {
        const fails = { name: named("fails"), type: "agent", agent: "broken", task: "go on", end: true };
        const failing = chance.happens(0.5);
        return [
          {
            ...{ name, type: "try" },
            try: failing ? [fails] : list(depth - 1, isRepeated),
            catch: failing ? list(depth - 1, isRepeated) : [agent(named("catch"), { end: true })],
            ...(chance.happens(0.5) ? { finally: list(depth - 1, isRepeated) } : {}),
            ...onward,
          },
        ];
      }
      default:
        return [agent(name, onward)];
    }
  }

  const states = list(2, false);
  return { id, version: "1.0", name: id, start: String(states[0]?.["name"]), states };
}
