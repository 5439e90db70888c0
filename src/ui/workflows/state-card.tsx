import { given, promised, shapeOfSchema } from "../../core/definition/schema/shape-of-schema.ts";
import { sketch } from "../../core/definition/schema/sketch.ts";
import type { State } from "../../core/definition/types.ts";
import type { Agent } from "../../http/schemas/system.ts";
import s from "./flow.module.css";
import { factsOf, kindOf, treesOf } from "./state-facts.ts";

/** What a state is given and does, and what its agent takes and answers, in the few lines of a tip. */
export function StateCard({ state, agents }: { readonly state: State; readonly agents: readonly Agent[] }) {
  const facts = [
    ...treesOf(state).map(([name, value]) => [name, JSON.stringify(value)] as const),
    ...factsOf(state),
    ...schemasOf(state, agents),
  ];
  return (
    <div className={s.card}>
      <p>
        <b>{state.name}</b> <span className={s.faint}>{kindOf(state)}</span>
      </p>
      <dl className={s.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function schemasOf(state: State, agents: readonly Agent[]): readonly (readonly [string, string])[] {
  if (state.type !== "operation" || state.action !== "agent.run") return [];
  const agent = agents.find(({ name, aliases }) => [name, ...aliases].includes(state.agent));
  if (!agent) return [];
  const { inputSchema, outputSchema } = agent;
  return [
    ["Takes", inputSchema ? sketch(shapeOfSchema(inputSchema, given)) : "whatever it is given"],
    ["Answers", outputSchema ? sketch(shapeOfSchema(outputSchema, promised)) : "freely"],
  ];
}
