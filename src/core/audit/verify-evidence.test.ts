import { hash } from "node:crypto";
import { expect, it } from "vitest";
import { chainHash, chainStart, type SealedText } from "./chain.ts";
import { checkpointText } from "./checkpoint.ts";
import { checkpointLine, EVIDENCE, eventLine, manifestText } from "./evidence.ts";
import { rootOf } from "./merkle.ts";
import { verifyEvidence } from "./verify-evidence.ts";

const runId = "run_1";

/** Evidence that somebody made up, in which every hash is right; without a key anybody can. */
function madeUp(event: Partial<SealedText>, files: Readonly<Record<string, string>> = {}) {
  const type = "approval.requested";
  const said = { runId, seq: 1, type, at: 1, actor: "user:eve", channel: "api", data: "{}", spilled: null };
  const only: SealedText = { ...said, ...event };
  const head = { runId, seq: 1, hash: chainHash(chainStart(runId), only) };
  const body = checkpointText({
    ...{ format: 1, number: 1, at: 1, previous: null, position: 1, runs: 1, root: rootOf([head]) },
    admin: { position: 0, hash: "" },
  });
  const all: Readonly<Record<string, string>> = {
    [EVIDENCE.events]: eventLine(only),
    [EVIDENCE.checkpoints]: checkpointLine({ number: 1, body, signature: null }),
    [EVIDENCE.approvals]: "[]",
    ...files,
  };
  const listed = Object.entries(all).map(([path, text]) => ({ path, sha256: hash("sha256", text) }));
  const manifest = manifestText({ format: 1, head, proof: [], files: listed });
  return new Map([[EVIDENCE.manifest as string, manifest], ...Object.entries(all)]);
}

const created = (definition: string) => JSON.stringify({ type: "run.created", definition });
const asked = '{"type":"approval.requested","approval":{"id":"apr_1"}}';
const large = '{"type":"step.succeeded","output":"@';

it.each<[string, Partial<SealedText>, Readonly<Record<string, string>>, readonly string[]]>([
  ["data that is no JSON", { data: "{" }, {}, ["the data of event 1 is no JSON object"]],
  ["data that is no object", { data: "5" }, {}, ["the data of event 1 is no JSON object"]],
  ["a question without what is asked", { data: '{"type":"approval.requested"}' }, {}, []],
  [
    "approvals that are no list",
    { data: asked },
    { [EVIDENCE.approvals]: "{}" },
    ["approvals.json is no list of approvals"],
  ],
  [
    "an approval that is none",
    { data: asked },
    { [EVIDENCE.approvals]: "[null]" },
    ["approvals.json is no list of approvals"],
  ],
  [
    "a definition that is none",
    { data: created("x") },
    { [EVIDENCE.definition]: "5" },
    ["the definition is not the one that the run was started with"],
  ],
  [
    "a value that is no JSON",
    { data: `${large}${hash("sha256", "{")}"}`, spilled: "output" },
    { [EVIDENCE.payload(hash("sha256", "{"))]: "{" },
    ["the value of output that event 1 refers to is missing or another one"],
  ],
])("evidence with %s is judged like any other", (_, event, files, expected) => {
  const verified = verifyEvidence(madeUp(event, files), new Set());
  expect(typeof verified === "string" ? verified : verified.faults.map(({ message }) => message)).toEqual(
    expected,
  );
});
