import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Definition } from "../../core/definition/types.ts";
import { graphOf } from "../runs/graph/graph-of.ts";
import { lineOfPlace } from "./line-of-state.ts";
import s from "./workflow-page.module.css";

const NONE: ReadonlySet<string> = new Set();

/** The states of a workflow as they lie within one another; each leads to its line. */
export function Outline({
  definition,
  source,
}: {
  readonly definition: Definition;
  /** The text whose lines are meant. */
  readonly source: string;
}) {
  const rows = useMemo(() => {
    const { nodes } = graphOf(definition, NONE);
    const parents = new Map(nodes.map(({ id, parent }) => [id, parent]));
    const depthOf = (id: string | null): number => (id === null ? -1 : 1 + depthOf(parents.get(id) ?? null));
    return nodes.map((node) => ({
      ...node,
      depth: depthOf(node.id),
      line: node.state && lineOfPlace({ definition, source }, node.id),
    }));
  }, [definition, source]);
  return (
    <nav className={s.outline} aria-label="States">
      <ol>
        {rows.map(({ id, title, type, agent, isApproval, depth, line }) => (
          <li key={id} style={{ paddingLeft: 12 * depth }}>
            {type === "block" ? (
              <span className={s.outlineBlock}>{title}</span>
            ) : (
              <Link
                to="."
                search={(old) => ({ ...old, state: id })}
                {...(line !== null && { hash: `L${line}` })}
                replace
                resetScroll={false}
                className={s.outlineState}
              >
                <span title={title}>{title}</span>
                <span className={s.faint} title={agent ?? type}>
                  {agent ?? (isApproval ? "approval" : type)}
                </span>
              </Link>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
