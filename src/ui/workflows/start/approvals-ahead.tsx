import { Hand } from "lucide-react";
import { callsIn } from "../../../core/definition/calls.ts";
import { foreseeApprovals } from "../../../core/run/approvals/foresee.ts";
import type { Workflow } from "../../../http/schemas/workflows.ts";
import { principalOf, useMe } from "../../system.ts";
import s from "./start.module.css";

/** Warns of approvals that a run may come to and whoever starts it cannot give; nothing where there are none. */
export function ApprovalsAhead({ workflow: { definition, environment } }: { readonly workflow: Workflow }) {
  const { data: me } = useMe();
  if (!me) return null;
  const closed = foreseeApprovals(definition, principalOf(me), environment).filter(
    ({ may }) => may !== "yes",
  );
  if (closed.length === 0) return null;
  const called = [...new Set(callsIn(definition).map(({ state }) => state.workflow))];
  return (
    <div className={s.ahead} data-tone="person" role="note" aria-label="Approvals that others give">
      <Hand size={15} aria-hidden />
      <ul>
        {closed.map(({ state, may, because }) => (
          <li key={state}>
            {may === "no" ? "You cannot approve " : "Whether you can approve "}
            <code>{state}</code>
            {may === "no" ? `: ${because}.` : ` depends on the run: ${because}.`}
          </li>
        ))}
        {called.length > 0 && <li>It also runs {called.join(", ")}, which may ask for more.</li>}
      </ul>
    </div>
  );
}
