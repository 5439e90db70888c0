import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect, nkeys } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { NatsLogin } from "../../../src/adapters/nats/login.ts";
import type { NatsQueueOptions } from "../../../src/adapters/nats/options.ts";
import { createNatsQueue } from "../../../src/adapters/nats/queue.ts";
import type { TaskQueue } from "../../../src/engine/ports/queue.ts";
import { type Certificates, makeCertificates } from "../../support/certificates.ts";
import { createIdentities } from "../../support/nats-identities.ts";
import { obtainNats } from "../../support/server-binaries.ts";
import { mustSkip, type NatsServer, startNats } from "../../support/servers.ts";
import { eventually, keepingLog, task, work } from "./support.ts";

const program = await obtainNats();
const folder = await mkdtemp(join(tmpdir(), "station-nats-login-"));
const open: TaskQueue[] = [];
let server: NatsServer | null = null;
let certificates: Certificates;
let named = 0;

beforeAll(async () => {
  certificates = await makeCertificates(folder);
});
afterEach(async () => {
  for (const queue of open.splice(0)) await queue.close();
  await server?.remove();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const text = (value: string) => ({ from: "text", text: value }) as const;

async function serve(configuration: string): Promise<NatsServer> {
  const file = join(folder, "server.conf");
  await writeFile(file, configuration);
  server = await startNats({ program, arguments: ["-c", file] });
  return server;
}

async function queueOf(rest: Partial<NatsQueueOptions>, log = keepingLog()): Promise<TaskQueue> {
  const queue = await createNatsQueue({ servers: server?.url ?? "", log, ...rest });
  open.push(queue);
  return queue;
}

/** Everything a process does with its queue. */
async function expectToWork(queue: TaskQueue): Promise<void> {
  // Another name each time: the same task twice would be swallowed.
  const sent = task(`a${++named}`);
  await queue.publish([sent]);
  const worker = work(queue);
  worker.letGo();
  await eventually(() => expect(worker.taken).toEqual([sent]));
  await worker.stop();
  await queue.publishEvents([]);
  await queue.announce([]);
}

describe.skipIf(mustSkip("logging in at nats-server", program))("a server that asks who is there", () => {
  const user = nkeys.createUser();
  const seed = text(new TextDecoder().decode(user.getSeed()));
  const password = text("s3cret-password");
  test.each<[string, string, NatsLogin]>([
    ["a token", 'authorization { token: "s3cret-token" }', { by: "token", token: text("s3cret-token") }],
    [
      "a user and a password",
      'authorization { user: station, password: "s3cret-password" }',
      { by: "user", user: "station", password },
    ],
    ["an NKey", `authorization { users: [{ nkey: ${user.getPublicKey()} }] }`, { by: "nkey", seed }],
  ])("lets %s in, and nothing else, and the log never says which", async (_name, configuration, login) => {
    await serve(configuration);
    const log = keepingLog();
    await expectToWork(await queueOf({ login }, log));
    const stranger = await queueOf({}, log);
    await expect(stranger.ping()).rejects.toMatchObject({ name: "QueueUnavailable" });
    expect(log.lines.join("\n")).not.toContain("s3cret");
    expect(log.lines.join("\n")).not.toContain(seed.text);
  });

  test("lets credentials in, from a variable or a file, and a JWT with its seed", async () => {
    const identities = createIdentities();
    await serve(identities.configuration);
    const path = join(folder, "station.creds");
    await writeFile(path, identities.creds());
    const { jwt, seed: own } = identities.user();
    await expectToWork(await queueOf({ login: { by: "creds", creds: text(identities.creds()) } }));
    await expectToWork(await queueOf({ login: { by: "creds", creds: { from: "file", path } } }));
    await expectToWork(await queueOf({ login: { by: "jwt", jwt: text(jwt), seed: text(own) } }));
    const foreign = createIdentities().creds();
    const stranger = await queueOf({ login: { by: "creds", creds: text(foreign) } });
    await expect(stranger.ping()).rejects.toMatchObject({ name: "QueueUnavailable" });
  });

  test("speaks TLS with whom its authority has signed, and asks for the other side's certificate too", async () => {
    const { ca, server: own, client } = certificates;
    const url = async (verify: boolean) => {
      await serve(
        `tls { cert_file: "${own.cert}", key_file: "${own.key}", ca_file: "${ca}", verify: ${verify} }`,
      );
      return `tls://127.0.0.1:${server?.port}`;
    };
    const trusting = await url(false);
    await expectToWork(await queueOf({ servers: trusting, tls: { caFile: ca } }));
    // The system's authorities do not know this one.
    const distrusting = await queueOf({ servers: trusting });
    await expect(distrusting.ping()).rejects.toMatchObject({ name: "QueueUnavailable" });
    for (const queue of open.splice(0)) await queue.close();
    await server?.remove();

    const asking = await url(true);
    const tls = { caFile: ca, certFile: client.cert, keyFile: client.key };
    await expectToWork(await queueOf({ servers: asking, tls }));
    const nobody = await queueOf({ servers: asking, tls: { caFile: ca } });
    await expect(nobody.ping()).rejects.toMatchObject({ name: "QueueUnavailable" });
  });

  test("grants the least that Station can do with, and nothing beside it", async () => {
    const path = fileURLToPath(new URL("../../../deploy/nats/station-user.conf", import.meta.url));
    const permissions = await readFile(path, "utf8");
    await serve(`authorization { users: [{ user: station, password: "s3cret-password", ${permissions} }] }`);
    const log = keepingLog();
    const queue = await queueOf({ login: { by: "user", user: "station", password } }, log);
    await expectToWork(queue);
    const again = await queueOf({ login: { by: "user", user: "station", password } }, log);
    await expectToWork(again);
    await queue.publish([task("waiting")]);
    expect(await queue.backlog()).toMatchObject({ pending: 1, oldestMs: expect.any(Number) });
    expect(log.lines.join("\n")).not.toMatch(/permissions violation/i);

    const connection = await connect({
      servers: server?.url ?? "",
      user: "station",
      pass: "s3cret-password",
    });
    const refused: string[] = [];
    void (async () => {
      for await (const status of connection.status())
        if (status.type === "error") refused.push(status.error.message);
    })();
    for (const subject of ["elsewhere", "$JS.API.STREAM.DELETE.OTHER", "$JS.API.CONSUMER.CREATE.OTHER.x"])
      connection.publish(subject);
    connection.subscribe("wf.task.>");
    await eventually(() => expect(refused).toHaveLength(4));
    await connection.close();
  });

  test("tells no age of what waits to whom may not look, and everything else", async () => {
    const path = fileURLToPath(new URL("../../../deploy/nats/station-user.conf", import.meta.url));
    const permissions = (await readFile(path, "utf8")).replace(/.*MSG\.GET\..*\n/, "");
    await serve(`authorization { users: [{ user: station, password: "s3cret-password", ${permissions} }] }`);
    const queue = await queueOf({ login: { by: "user", user: "station", password } });
    await queue.publish([task("waiting")]);
    expect(await queue.backlog()).toMatchObject({ pending: 1, oldestMs: null, inHand: 0 });
  });
});
