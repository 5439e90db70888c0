import { recordedOf } from "../../core/view/fact.ts";
import type { Client } from "../../http/client.ts";
import type { RunEventItem } from "../../http/schemas/runs.ts";
import type { Look } from "../terminal/look.ts";
import { oneLine } from "../terminal/text.ts";

export type DeskOptions = {
  readonly client: Client;
  readonly server: { readonly url: string; readonly actor: string };
  readonly look: Look;
  readonly stn: string;
  /** Whether a person is there to decide. */
  readonly isInteractive: boolean;
  readonly write: (lines: readonly string[]) => void;
  /** Stops following the run. */
  readonly leave: () => void;
};

/** Where the demonstration's approvals land: a person decides, or, where nobody is, the demonstration itself. */
export class DemoDesk {
  readonly #options: DeskOptions;
  readonly #open: { readonly id: string; readonly message: string }[] = [];
  readonly #deciding: Promise<unknown>[] = [];
  #note: string | null = null;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Looks at an event of the run. */
  take(item: RunEventItem): void {
    const { event } = recordedOf(item);
    switch (event.type) {
      case "approval.requested":
        this.#open.push(event.approval);
        this.#note = null;
        if (!this.#options.isInteractive) this.#decideAlone(event.approval.id);
        break;
      case "approval.approved":
      case "approval.rejected":
      case "approval.expired": {
        const index = this.#open.findIndex(({ id }) => id === event.approvalId);
        if (index >= 0) this.#open.splice(index, 1);
        break;
      }
      default:
        break;
    }
  }

  press(key: string): void {
    const [first] = this.#open;
    if (key === "ctrl-c" || key === "q") this.#options.leave();
    else if (first && key.toLowerCase() === "a") this.#decide("approve", first.id, "approved in the demo");
    else if (first && key.toLowerCase() === "r") this.#decide("reject", first.id, "rejected in the demo");
  }

  /** What stands below the tree while a person is to decide. */
  lines(): readonly string[] {
    const [first] = this.#open;
    const { look, stn, server } = this.#options;
    if (!first) return [];
    const key = (letter: string, what: string) => `${look.paint(["bold", "yellow"], ` ${letter} `)} ${what}`;
    return [
      "",
      `${look.glyph("WAITING_APPROVAL")} ${look.paint("bold", oneLine(first.message))}`,
      "",
      `  ${key("a", "approve")}     ${key("r", "reject")}`,
      ...(this.#note === null ? [] : [`  ${look.paint("yellow", oneLine(this.#note))}`]),
      "",
      look.paint("dim", "  or from another terminal, either of:"),
      ...commands(stn, server.url, first.id).map((line) => `    ${line}`),
    ];
  }

  /** Rejects when the demonstration could not decide by itself; where a person is, the tree shows what happened. */
  async settled(): Promise<void> {
    if (this.#options.isInteractive) await Promise.allSettled(this.#deciding);
    else await Promise.all(this.#deciding);
  }

  #decideAlone(id: string): void {
    const { write, server, stn, look } = this.#options;
    write([
      "",
      look.paint(
        "yellow",
        `no terminal: approving by itself as ${server.actor}. A person would type one of:`,
      ),
      ...commands(stn, server.url, id).map((line) => `  ${line}`),
      "",
    ]);
    this.#decide("approve", id, "approved by the demo: no terminal");
  }

  #decide(verb: "approve" | "reject", approvalId: string, comment: string): void {
    const { client, isInteractive, leave } = this.#options;
    const asked = { params: { approvalId }, body: { comment } };
    const decided = verb === "approve" ? client.approve(asked) : client.reject(asked);
    this.#deciding.push(decided);
    decided.catch((error: unknown) => {
      this.#note = error instanceof Error ? error.message : String(error);
      // Nobody else will decide: following on would be waiting for ever. `settled` rejects.
      if (!isInteractive) leave();
    });
  }
}

function commands(stn: string, url: string, id: string): readonly string[] {
  return [
    `STATION_URL=${url} ${stn} approve ${id}`,
    `curl -X POST ${url}/api/v1/workflow-approvals/${id}/approve`,
  ];
}
