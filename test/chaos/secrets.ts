import { createHmac, randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "../../src/http/client.ts";
import { openai } from "../support/models/openai.ts";
import { type ModelServer, startModelServer } from "../support/models/server.ts";
import type { Violation } from "./check-run.ts";
import { persist } from "./persist.ts";

/** What nobody may find anywhere, by what it is. */
export type Secrets = Readonly<Record<string, string>>;

/** Secrets of one chaos run, and what Station is told so that it has them all in hand. */
export type Planted = {
  readonly secrets: Secrets;
  readonly env: Readonly<Record<string, string>>;
  /** The token of the people, who make the keys. */
  readonly token: string;
  close(): Promise<void>;
};

const HOOK = "whsec_";

/** Plants a secret wherever Station is given one, with a model's provider that quotes the key it is shown. */
export async function plantSecrets(): Promise<Planted> {
  const made = () => randomBytes(24).toString("hex");
  const [token, model, tool, sealing, links] = [made(), made(), made(), made(), made()];
  const provider: ModelServer = await startModelServer(openai, () => ({
    status: 401,
    body: { error: { code: "invalid_api_key", message: `there is no key ${model}` } },
  }));
  return {
    token,
    secrets: {
      "the token of the API": token,
      "the key of a model": model,
      "a variable of an MCP server": tool,
      "the key of the vault": sealing,
      "the key of links": links,
    },
    env: {
      STATION_API_TOKEN: token,
      STATION_AI_API_KEY: model,
      STATION_AI_BASE_URL: provider.url,
      STATION_SECRET_KEYS: sealing,
      STATION_LINK_KEYS: links,
      CHAOS_TOOL_PASSWORD: tool,
    },
    close: () => provider.close(),
  };
}

/** What Station gave out: API keys, for whoever works with them from here on, and a hook's secret. */
export type Issued = {
  readonly starter: string;
  readonly approver: string;
  readonly hookId: string;
  readonly hookSecret: string;
};

/** Has Station make secrets of its own, which it shows this once. */
export async function issueSecrets(admin: Client): Promise<Issued> {
  const keyOf = async (name: string, ...scopes: ("admin" | "runs:read" | "approvals:decide")[]) => {
    const { key } = await admin.createKey({ body: { name, environment: "default", scopes } });
    return key;
  };
  const secret = `${HOOK}${randomBytes(24).toString("base64")}`;
  const { hookId } = await admin.createHook({
    body: {
      ...{ name: "chaos", environment: "default", scheme: { type: "standard-webhooks" }, secret },
      ...{ target: { type: "start-run", workflowId: "sequence" }, when: "False" },
    },
  });
  return {
    starter: await keyOf("starter", "admin"),
    approver: await keyOf("approver", "runs:read", "approvals:decide"),
    hookId,
    hookSecret: secret,
  };
}

/** Sends a signed event that comes to nothing, until it is answered; the answer's text. */
export async function deliverTo(baseUrl: string, { hookId, hookSecret }: Issued): Promise<string> {
  const body = JSON.stringify({ note: "nothing" });
  const id = `msg_${randomBytes(8).toString("hex")}`;
  const timestamp = String(Math.floor(Date.now() / 1000));
  const bytes = Buffer.from(hookSecret.slice(HOOK.length), "base64");
  const signature = createHmac("sha256", bytes).update(`${id}.${timestamp}.${body}`).digest("base64");
  return persist(new Map(), AbortSignal.timeout(30_000), async () => {
    const response = await fetch(`${baseUrl}/api/v1/hooks/${hookId}`, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        ...{ "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` },
      },
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`the hook answers ${response.status}: ${text}`);
    return text;
  });
}

/** Looks for secrets, plain and encoded, and counts what it looked through, so that nothing passes for clean unseen. */
export class SecretSearch {
  readonly #forms: readonly (readonly [what: string, form: Buffer])[];
  readonly #found = new Map<string, string>();
  readonly #bytes = new Map<string, number>();

  constructor(secrets: Secrets) {
    this.#forms = Object.entries(secrets).flatMap(([what, value]) =>
      [
        value,
        Buffer.from(value).toString("base64").replace(/=*$/, ""),
        Buffer.from(value).toString("hex"),
      ].map((form) => [what, Buffer.from(form)] as const),
    );
  }

  /** Looks through one thing; `kind` says what it is: `logs`, `database`. */
  look(kind: string, where: string, content: Buffer | string): void {
    const bytes = Buffer.from(content);
    this.#bytes.set(kind, (this.#bytes.get(kind) ?? 0) + bytes.length);
    for (const [what, form] of this.#forms) {
      const at = bytes.indexOf(form);
      if (at >= 0) this.#found.set(`${what} is in ${where}`, around(bytes, at, form.length));
    }
  }

  /** Looks through every file below a directory. */
  async lookBelow(kind: string, directory: string): Promise<void> {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    for (const entry of entries)
      if (entry.isFile()) {
        const path = join(entry.parentPath, entry.name);
        this.look(kind, path, await readFile(path));
      }
  }

  /** Bytes by kind. */
  get looked(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#bytes);
  }

  violations(kinds: readonly string[]): readonly Violation[] {
    const unseen = kinds.filter((kind) => (this.#bytes.get(kind) ?? 0) === 0);
    return [
      ...[...this.#found].map(([what, found]) => ({ kind: "secret" as const, runId: null, what, found })),
      ...unseen.map((kind) => ({
        ...{ kind: "differs" as const, runId: null },
        what: `there was nothing to look through for secrets: ${kind}`,
      })),
    ];
  }
}

/** What stands around a secret, without it. */
function around(bytes: Buffer, at: number, length: number): string {
  const before = bytes.subarray(Math.max(0, at - 200), at).toString("utf8");
  return `${before}<secret>${bytes.subarray(at + length, at + length + 100).toString("utf8")}`;
}
