/** Which approvals the inbox shows: those that wait for the caller, all that are open, or those that are over. */
export type Shown = "mine" | "open" | "decided";

/** What the address of the inbox says: which list, and which approval is open beside it. */
export type InboxSearch = { readonly show?: Exclude<Shown, "mine">; readonly approval?: string | undefined };

/** What the address of one approval says: the token of the link that somebody came by. */
export type ApprovalSearch = { readonly link?: string };

/** Reads the address; what it does not understand is left out. */
export function inboxSearch({ show, approval }: Record<string, unknown>): InboxSearch {
  return {
    ...((show === "open" || show === "decided") && { show }),
    ...(typeof approval === "string" && approval !== "" && { approval }),
  };
}

/** Reads the address of one approval. */
export function approvalSearch({ link }: Record<string, unknown>): ApprovalSearch {
  return link === undefined || String(link) === "" ? {} : { link: String(link) };
}
