import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { checkpointHash, checkpointText, type Signature } from "./checkpoint.ts";
import { rootOf } from "./merkle.ts";
import { signerWith } from "./signature.ts";
import { CheckpointCheck } from "./verify-checkpoints.ts";

const body = checkpointText({
  ...{ format: 1, number: 1, at: 1, previous: null, position: 0, runs: 0, root: rootOf([]) },
  admin: { position: 0, hash: "" },
});

test("a signature of which a part is missing, or something else, is one that does not hold", () => {
  const { privateKey } = generateKeyPairSync("ed25519");
  const signer = signerWith(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  if ("problem" in signer) return expect.unreachable(signer.problem);
  const signature = signer.sign(body);
  const said = (kept: unknown) =>
    new CheckpointCheck({ keys: new Set(), anchored: new Map() }, () => null)
      .take({ number: 1, body, signature: kept as Signature }, [])
      .map(({ message }) => message);
  expect(said(signature)).toEqual([]);
  for (const part of [undefined, null, 5])
    expect(said({ ...signature, signature: part })).toEqual([
      "checkpoint 1 its signature does not belong to it",
    ]);
  expect(said({})).toEqual([expect.stringMatching(/^checkpoint 1 its public key/)]);
});

test("an anchor of many months is followed to its end, where a database that was cut back is found out", () => {
  const noted = Array.from({ length: 200_000 }, (_, index) => [index + 1, ""] as const);
  const anchored = new Map<number, string>(noted).set(1, checkpointHash(body));
  const check = new CheckpointCheck({ keys: new Set(), anchored }, () => null);
  expect(check.take({ number: 1, body, signature: null }, [])).toEqual([]);
  expect(check.end().faults.map(({ message }) => message)).toEqual([
    "the anchor knows checkpoint 200000, and the database ends at 1: it was cut back",
  ]);
});
