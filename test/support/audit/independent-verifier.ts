import { createHash, createPublicKey, verify } from "node:crypto";
import { fromBufferPromise } from "yauzl";

// Verifies a bundle of evidence by nothing but its README.txt: no code of Station's is used here.

const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

/** Every file of a zip archive as text. */
export async function unzipped(bytes: Buffer): Promise<Map<string, string>> {
  const zip = await fromBufferPromise(bytes, { lazyEntries: true });
  const files = new Map<string, string>();
  for await (const entry of zip.eachEntry()) {
    const chunks: Buffer[] = [];
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(Buffer.from(chunk));
    files.set(entry.fileName, Buffer.concat(chunks).toString("utf8"));
  }
  return files;
}

/** True when the events of a bundle are vouched for by a checkpoint that this key (PEM) signed. */
export function isProvedBy(files: ReadonlyMap<string, string>, publicKey: string): boolean {
  const textOf = (path: string) => files.get(path) ?? "";
  const lines = (path: string) =>
    textOf(path)
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  const { head, proof, files: listed } = JSON.parse(textOf("evidence.json"));
  for (const { path, sha256: sum } of listed) if (sha256(textOf(path)) !== sum) return false;

  let hash = sha256(`station:${head.runId}`);
  let proved = "";
  for (const [index, event] of lines("events.ndjson").entries()) {
    const { runId, seq, type, at, actor, channel, data, spilled } = event;
    if (runId !== head.runId || seq !== index + 1) return false;
    hash = sha256(
      `${hash}\n${JSON.stringify([runId, seq, type, at, actor, channel, spilled, sha256(data)])}`,
    );
    if (seq === head.seq) proved = hash;
    for (const field of spilled?.split(",") ?? []) {
      const name = JSON.parse(data)[field].slice(1);
      if (sha256(textOf(`payloads/${name}.json`)) !== name) return false;
    }
  }
  if (proved !== head.hash) return false;

  let node = sha256(`leaf:${head.runId}:${head.seq}:${proved}`);
  for (const { side, hash: other } of proof)
    node = sha256(side === "left" ? `node:${other}:${node}` : `node:${node}:${other}`);
  const checkpoints = lines("checkpoints.ndjson");
  if (JSON.parse(checkpoints[0].body).root !== node) return false;
  for (let index = 1; index < checkpoints.length; index++)
    if (JSON.parse(checkpoints[index].body).previous !== sha256(checkpoints[index - 1].body)) return false;

  const { body, signature } = checkpoints.at(-1);
  if (signature === null) return false;
  const isSigned = (text: string, by: { signature: string }) =>
    verify(null, Buffer.from(text), createPublicKey(publicKey), Buffer.from(by.signature, "base64"));
  return (
    isSigned(body, signature) && isSigned(textOf("evidence.json"), JSON.parse(textOf("evidence.sig.json")))
  );
}
