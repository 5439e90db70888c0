import type { Redact } from "../../core/agent/redact.ts";
import type { Signer } from "./links.ts";
import type { Outgoing } from "./outgoing.ts";

/** How Station reaches people and other programs, and how they find back. */
export type Reach = {
  readonly outgoing: Outgoing;
  /** `null` where no mail is sent. */
  readonly mailer: Mailer | null;
  /** Signs links to approvals; `null` where none are made. */
  readonly links: Signer | null;
  /** The address people call Station by; `null` where nobody said: then there are no links. */
  readonly baseUrl: string | null;
  /** Hides secrets in what is told. */
  readonly redact: Redact;
};

/** Sends mail through somebody's server. */
export type Mailer = {
  /**
   * Resolves when the server has taken the mail. Rejects with `OutgoingRefused` when it never will, and with
   * `OutgoingFailed` when it did not this time: nobody knows whether it has it.
   */
  send(mail: Mail): Promise<{ readonly status: number; readonly answer: string }>;
  close(): Promise<void>;
};

export type Mail = {
  /** The same for the same mail sent again (RFC 5322 `Message-ID`). */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly timeoutMs: number;
};
