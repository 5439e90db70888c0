import { formOf } from "../../src/core/definition/form.ts";
import type { Block, Definition, State, Transition } from "../../src/core/definition/types.ts";
import { agent, block, workflow } from "../support/drive.ts";
import type { Chance } from "./random.ts";

/** A random workflow of every state type, nested up to `depth`; conditions are names in the context. */
export function randomDefinition(chance: Chance): Definition {
  let count = 0;
  const name = (kind: string) => `${kind}${++count}`;

  const list = (depth: number): readonly State[] => {
    const length = 1 + chance.below(3);
    const names = Array.from({ length }, () => name("s"));
    return names.map((own, index) => {
      const next = names[index + 1];
      const onward: Transition = next === undefined ? { end: true } : { next };
      return randomState(own, onward, depth);
    });
  };
  const nested = (kind: string, depth: number): Block => block(kind, list(depth - 1));

  function randomState(own: string, transition: Transition, depth: number): State {
    const kinds = ["agent", "agent", "agent", "inject", "transform", "timer", "signal", "approval"];
    if (depth > 0) kinds.push("parallel", "foreach", "foreach", "try", "try");
    if ("next" in transition) kinds.push("switch");
    const common = {
      name: own,
      ...(chance.happens(0.3) ? { resultPath: `out.${own}` } : {}),
      ...(chance.happens(0.1) ? { continueOnError: true as const } : {}),
    };
    switch (chance.pick(kinds)) {
      case "inject":
        return {
          ...common,
          type: "inject",
          data: { [own]: "{{ input.seed }}", last: own, yes: true },
          transition,
        };
      case "transform":
        return { ...common, type: "transform", expression: "input", transition };
      case "timer":
        return { ...common, type: "timer", wait: { seconds: chance.below(30) }, transition };
      case "signal":
        return { ...common, type: "signal", signal: "go", transition };
      case "approval":
        return {
          ...common,
          type: "operation",
          action: "human.approval",
          message: `may ${own} happen?`,
          approvers: chance.pick([[], ["team:sre"], ["team:sre", "user:c"]]),
          quorum: chance.happens(0.3) ? 2 : 1,
          excludeStarter: chance.happens(0.5),
          ...(chance.happens(0.3) && { summaryPath: "input.seed" }),
          ...(chance.happens(0.3) && { rejectQuorum: 2 }),
          ...(chance.happens(0.3) && { allowDelegation: true as const }),
          ...(chance.happens(0.3) && { remindBeforeSeconds: 99_000 }),
          onReject: chance.happens(0.5) && "next" in transition ? { next: transition.next } : "fail",
          onTimeout: "fail",
          escalate: chance.happens(0.4)
            ? [
                { afterSeconds: chance.below(20), to: ["user:d"] },
                { afterSeconds: 10 + chance.below(20), to: ["user:e"], notify: "{{ input.seed }}" },
              ]
            : [],
          timeoutSeconds: 100_000,
          transition,
        };
      case "switch": {
        const to = "next" in transition ? transition.next : own;
        return { name: own, type: "switch", conditions: [{ if: "yes", next: to }], defaultNext: to };
      }
      case "parallel":
        return {
          ...common,
          type: "parallel",
          branches: Array.from({ length: 2 + chance.below(2) }, (_, i) => nested(`b${i}`, depth)),
          join: chance.happens(0.8) ? "all" : "any",
          onBranchFailure: chance.happens(0.5) ? "cancel" : "wait",
          transition,
        };
      case "foreach":
        return {
          ...common,
          type: "foreach",
          itemsPath: "input.items",
          itemName: "item",
          maxConcurrency: 1 + chance.below(4),
          iterator: nested("iterator", depth),
          onBranchFailure: chance.happens(0.5) ? "cancel" : "wait",
          outputAggregation: chance.happens(0.5) ? "results" : "array",
          transition,
        };
      case "try":
        return {
          ...common,
          type: "try",
          try: nested("try", depth),
          ...(chance.happens(0.7) ? { catch: nested("catch", depth) } : {}),
          ...(chance.happens(0.3) ? { finally: nested("finally", depth) } : {}),
          transition,
        };
      default: {
        const next = "next" in transition ? transition.next : undefined;
        const retry = {
          maxAttempts: 1 + chance.below(3),
          backoffSeconds: chance.below(3),
          multiplier: 2,
          maxBackoffSeconds: 300,
          jitter: chance.happens(0.5),
        };
        const timeoutSeconds = chance.happens(0.2) ? { timeoutSeconds: 3600 } : {};
        return agent(own, next, { ...common, retry, ...timeoutSeconds, task: `do ${own} {{ input.seed }}` });
      }
    }
  }

  const extra = chance.happens(0.1) ? { timeoutSeconds: 50_000 } : {};
  const states = list(2);
  // As of now; some were published by an older program.
  const form = chance.happens(0.8) ? formOf({ states }) : undefined;
  return workflow(states, { ...extra, ...(form !== undefined && { form }) });
}
