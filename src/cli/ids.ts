import { didYouMean } from "../core/definition/suggest.ts";
import type { Approval } from "../http/schemas/approvals.ts";
import type { Hook } from "../http/schemas/hooks.ts";
import { CliError, EXIT, usage } from "./errors.ts";
import { inEnvironment } from "./options.ts";
import type { Session } from "./session.ts";

const RUN_ID = /^run_[0-9A-Z]{26}$/;
const APPROVAL_ID = /^apr_[0-9a-f]{26}$/;
const MOST_NAMED = 5;

/** A run's id for what a person typed: the whole id, a beginning of it that is unique, or `@last`. */
export async function resolveRun(session: Session, text: string): Promise<string> {
  const { client, signal } = session;
  const within = inEnvironment(session.environment);
  if (text === "@last") {
    const { items } = await client.listRuns({ query: { ...within, limit: 1 }, signal });
    const [last] = items;
    if (!last) throw new CliError(EXIT.notFound, "there is no run yet", "stn run <workflow>");
    return last.runId;
  }
  if (RUN_ID.test(text)) return text;
  const prefix = `run_${text.replace(/^run_/i, "").toUpperCase()}`;
  const { items } = await client.listRuns({ query: { ...within, q: prefix, limit: 200 }, signal });
  const ids = items.map(({ runId }) => runId).filter((id) => id.startsWith(prefix));
  return onlyOne("run", text, ids, "stn runs list");
}

/** An approval's id for what a person typed; open ones are meant before decided ones. */
export async function resolveApproval(session: Session, text: string): Promise<string> {
  const { client, signal } = session;
  if (APPROVAL_ID.test(text)) return text;
  const within = inEnvironment(session.environment);
  if (text === "@last") {
    const query = { ...within, status: ["PENDING" as const], limit: 1 };
    const [last] = (await client.listApprovals({ query, signal })).items;
    if (!last) throw new CliError(EXIT.notFound, "no approval is open", "stn approvals list --all");
    return last.approvalId;
  }
  const prefix = `apr_${text.replace(/^apr_/i, "").toLowerCase()}`;
  const matching = ({ items }: { readonly items: readonly Approval[] }) =>
    items.map(({ approvalId }) => approvalId).filter((id) => id.startsWith(prefix));
  const found: string[] = [];
  // All that are open: what is unique among the newest may name another one too, and would be decided instead.
  for (let cursor: string | null = ""; cursor !== null; ) {
    const query = { ...within, status: ["PENDING" as const], limit: 200, ...(cursor !== "" && { cursor }) };
    const open: { items: Approval[]; nextCursor: string | null } = await client.listApprovals({
      query,
      signal,
    });
    found.push(...matching(open));
    cursor = open.nextCursor;
  }
  if (found.length > 0) return onlyOne("approval", text, found, "stn approvals list");
  const decided = await client.listApprovals({ query: { ...within, limit: 200 }, signal });
  return onlyOne("approval", text, matching(decided), "stn approvals list --all");
}

/** A hook for what a person typed: its id, or its name in the environment that was named, else in `default`. */
export async function resolveHook(session: Session, text: string): Promise<Hook> {
  const { client, signal } = session;
  if (text.startsWith("hook_")) return client.getHook({ params: { hookId: text }, signal });
  const environment = session.environment ?? "default";
  const { items } = await client.listHooks({ query: { environment }, signal });
  const found = items.find(({ name }) => name === text);
  if (found) return found;
  const names = items.map(({ name }) => name);
  const hint = didYouMean(text, names) ?? "stn hooks shows them";
  throw new CliError(EXIT.notFound, `no hook "${text}" in environment "${environment}"`, hint);
}

/** A delivery's id for what a person typed: a unique beginning of one of the latest, or `@last`. */
export async function resolveDelivery(session: Session, hookId: string, text: string): Promise<string> {
  const { client, signal } = session;
  const { items } = await client.listHookDeliveries({ params: { hookId }, query: { limit: 200 }, signal });
  const ids = items.map(({ deliveryId }) => deliveryId);
  const prefix = `dlv_${text.replace(/^dlv_/i, "").toUpperCase()}`;
  const wanted = text === "@last" ? ids.slice(0, 1) : ids.filter((id) => id.startsWith(prefix));
  return onlyOne("delivery", text, wanted, "stn hooks deliveries");
}

function onlyOne(what: string, text: string, ids: readonly string[], listing: string): string {
  const [id, ...others] = ids;
  if (id === undefined)
    throw new CliError(EXIT.notFound, `no ${what} begins with "${text}"`, `${listing} shows them`);
  if (others.length === 0) return id;
  const named = ids.slice(0, MOST_NAMED).join("\n");
  throw usage(`"${text}" is the beginning of ${ids.length} ${what}s`, named);
}
