import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Certificates, makeCertificates } from "./certificates.ts";
import { createIdentities, type Identities } from "./nats-identities.ts";
import { freePort } from "./server-process.ts";
import { type NatsServer, startNats } from "./servers.ts";

/** Three JetStream nodes that speak TLS and ask for credentials, as a production cluster does. */
export type NatsCluster = {
  /** By the names that JetStream calls them. */
  readonly nodes: ReadonlyMap<string, NatsServer>;
  /** `tls://127.0.0.1:port` of every node. */
  readonly servers: readonly string[];
  readonly identities: Identities;
  readonly certificates: Certificates;
  remove(): Promise<void>;
};

/** Starts them; rejects when there is no nats-server or no openssl. */
export async function startNatsCluster(): Promise<NatsCluster> {
  const folder = await mkdtemp(join(tmpdir(), "station-nats-cluster-"));
  const certificates = await makeCertificates(folder);
  const identities = createIdentities();
  const names = ["n1", "n2", "n3"];
  const ports = await Promise.all(names.map(() => freePort()));
  const routes = ports.map((port) => `"nats://127.0.0.1:${port}"`).join(", ");
  const nodes = new Map<string, NatsServer>();
  const remove = async () => {
    await Promise.all([...nodes.values()].map((node) => node.kill()));
    await Promise.all([...nodes.values()].map((node) => node.remove()));
    await rm(folder, { recursive: true, force: true });
  };
  const { ca, server } = certificates;
  const tls = `{ cert_file: "${server.cert}", key_file: "${server.key}", ca_file: "${ca}", verify: true }`;
  try {
    await Promise.all(
      names.map(async (name, index) => {
        const file = join(folder, `${name}.conf`);
        await writeFile(
          file,
          `server_name: ${name}
jetstream: { sync_interval: always }
tls: { cert_file: "${server.cert}", key_file: "${server.key}", ca_file: "${ca}" }
cluster: { name: station, listen: "127.0.0.1:${ports[index]}", routes: [${routes}], tls: ${tls} }
${identities.configuration}`,
        );
        nodes.set(name, await startNats({ arguments: ["-c", file] }));
      }),
    );
  } catch (error) {
    await remove();
    throw error;
  }
  const servers = [...nodes.values()].map(({ port }) => `tls://127.0.0.1:${port}`);
  return { nodes, servers, identities, certificates, remove };
}
