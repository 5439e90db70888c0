import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http2";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import * as restate from "@restatedev/restate-sdk";
import * as ingress from "@restatedev/restate-sdk-clients";
import { freePort, startServer } from "../../support/server-process.ts";
import {
  type MeasurePeer,
  measurePeer,
  type Output,
  type Peer,
  type PeerOptions,
  type Step,
} from "../peer.ts";
import { STEPS } from "../workflows.ts";

/** Restate: a server keeps the journal of each run and calls the handler in this process over HTTP/2. */
export const measure: MeasurePeer = (options) => measurePeer(options, open);

async function open(step: Step, { directory }: PeerOptions): Promise<Peer> {
  const job = jobOf(step);
  const endpoint = createServer(restate.createEndpointHandler({ services: [job], logger: () => {} }));
  await new Promise<void>((resolve) => endpoint.listen(0, "127.0.0.1", resolve));
  const { port } = endpoint.address() as AddressInfo;
  const { server, setup, ingressUrl, query, register } = await startRestate(directory);
  await register(`http://127.0.0.1:${port}`);
  const client = ingress.connect({ url: ingressUrl }).serviceClient<typeof job>(job);
  return {
    setup,
    run: async (runId) => client.run(runId),
    async kept() {
      const [runs] = await query(
        "select count(*) as n from sys_invocation where status = 'completed' and completion_result = 'success'",
      );
      const [steps] = await query(
        "select count(*) as n from sys_journal where entry_type = 'Command: Run' and name like 'step-%'",
      );
      return { runs: runs?.n ?? 0, steps: steps?.n ?? 0 };
    },
    async close() {
      await server.remove();
      endpoint.close();
    },
  };
}

function jobOf(step: Step) {
  return restate.service({
    name: "job",
    handlers: {
      async run(context: restate.Context, runId: string): Promise<Output> {
        let output: Output = { ok: true };
        for (let index = 0; index < STEPS; index++)
          output = await context.run(`step-${index}`, () => step(runId));
        return output;
      },
    },
  });
}

async function startRestate(directory: string) {
  const [adminPort, ingressPort] = [await freePort(), await freePort()];
  const admin = `http://127.0.0.1:${adminPort}`;
  const config = join(directory, "restate.toml");
  await writeFile(config, settingsOf(join(directory, "data"), adminPort, ingressPort));
  const server = await startServer({
    name: "restate",
    path: serverBinary(),
    arguments: (_, port) => ["--no-logo", "--config-file", config, "--bind-address", `127.0.0.1:${port}`],
    probe: async () => {
      const answer = await fetch(`${admin}/health`, { signal: AbortSignal.timeout(1000) });
      if (!answer.ok) throw new Error(`restate-server answers ${answer.status}`);
    },
  });
  const post = async (path: string, body: object): Promise<unknown> => {
    const answer = await fetch(admin + path, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`restate-server answers ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  return {
    server,
    setup: await durabilityOf(config),
    ingressUrl: `http://127.0.0.1:${ingressPort}`,
    query: async (query: string) => {
      const { rows } = (await post("/query", { query })) as { rows: readonly { readonly n: number }[] };
      return rows;
    },
    register: (uri: string) => post("/deployments", { uri }),
  };
}

/** One partition instead of 24, as two cores have nothing to spread; beside places and silence the rest is as it comes. */
function settingsOf(data: string, adminPort: number, ingressPort: number): string {
  return `node-name = "bench"
base-dir = ${JSON.stringify(data)}
default-num-partitions = 1
listen-mode = "tcp"
log-filter = "warn"
disable-telemetry = true
[admin]
bind-address = "127.0.0.1:${adminPort}"
disable-web-ui = true
[ingress]
bind-address = "127.0.0.1:${ingressPort}"
`;
}

/** What the server makes of its settings for the log that a step waits for. */
async function durabilityOf(config: string): Promise<string> {
  const { stdout } = await promisify(execFile)(serverBinary(), ["--config-file", config, "--dump-config"]);
  const [log = ""] = stdout.split("[log-server]").slice(1);
  const [disabled] = /rocksdb-disable-wal-fsync = \w+/.exec(log) ?? [];
  return `one node, log server: ${disabled}`;
}

/** The program itself, without the script that the package starts it with. */
function serverBinary(): string {
  const name = `@restatedev/restate-server-${process.platform}-${process.arch}`;
  return createRequire(import.meta.url).resolve(`${name}/bin/restate-server`);
}
