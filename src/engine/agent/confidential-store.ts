import { type Exact, hideChange, hideHead, type Place, reveal } from "../../core/agent/confidential.ts";
import type { Redact } from "../../core/agent/redact.ts";
import type { JsonValue } from "../../core/json.ts";
import type { AgentStore, KeptExact } from "../ports/agents.ts";
import type { Vault } from "../ports/vault.ts";

/** What keeps secrets out of what is stored. */
export type Confidence = {
  /** Hides everything that looks like a secret. */
  readonly redact: Redact;
  /** Hides what is known to be one. */
  readonly hideKnown: Redact;
  /** None without keys: what only looks like a secret is then kept in clear while it is needed, what is one never. */
  readonly vault: Vault | undefined;
};

/**
 * An agent store for the loop: what everybody may read is kept without its secrets, and what a turn needs to go on is
 * kept beside it, sealed, until the step is over.
 */
export function confidentialStore(store: AgentStore, confidence: Confidence): AgentStore {
  const { redact } = confidence;
  return {
    ...store,
    async open(run, hold, earlier) {
      const { shown, exact } = hideHead(run, redact);
      const opened = await store.open(
        shown,
        hold,
        earlier,
        exact.map((one) => sealed(one, confidence)),
      );
      if (opened.status !== "open") return opened;
      const kept = (opened.exact ?? []).map((one) => unsealed(one, confidence));
      return { status: "open", run: reveal(opened.run, kept) };
    },
    commit(id, hold, changes, at) {
      const hidden = changes.map((change) => hideChange(change, redact));
      const exact = hidden.flatMap((one) => one.exact.map((each) => sealed(each, confidence)));
      return store.commit(
        id,
        hold,
        hidden.map(({ shown }) => shown),
        at,
        exact,
      );
    },
  };
}

/** What the sealed text is for: it opens for nothing else. */
const ABOUT = "agent-run";

function sealed({ place, value }: Exact, { vault, hideKnown }: Confidence): KeptExact {
  const text = JSON.stringify(value);
  if (vault) return { place, text: vault.seal(text, ABOUT) };
  // Half of it would be worse than nothing: a tool would be called with it.
  return { place, text: hideKnown(text) === text ? text : "" };
}

function unsealed({ place, text }: KeptExact, { vault }: Confidence): Exact {
  const plain = text.startsWith("{") ? text : (vault?.open(text, ABOUT) ?? null);
  return { place: place as Place, value: plain === null ? null : (JSON.parse(plain) as JsonValue) };
}
