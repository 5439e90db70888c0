import { expect, it } from "vitest";
import { asCurl, asStn, asTypeScript } from "./as-command.ts";

const start = { workflowId: "deploy", environment: undefined, input: { note: "it's $HOME" } };
const open = { origin: "http://station:8585", asksWho: false };

it("an input with quotes and dollars survives the shell", () => {
  expect(asStn(start)).toBe(`stn run deploy --input-json '{"note":"it'\\''s $HOME"}'`);
  expect(asCurl(open, { ...start, environment: "prod" })).toBe(
    "curl -X POST 'http://station:8585/api/v1/workflow-runs' -H 'content-type: application/json' " +
      `-d '{"workflowId":"deploy","environment":"prod","input":{"note":"it'\\''s $HOME"}}'`,
  );
});

it("a chosen version, and a key where the server asks for one, come along", () => {
  expect(asStn({ ...start, version: 3, input: {} })).toBe("stn run deploy --version 3 --input-json '{}'");
  expect(asCurl({ ...open, asksWho: true }, { ...start, version: 3, input: {} })).toBe(
    `curl -X POST 'http://station:8585/api/v1/workflow-runs' -H "authorization: Bearer $STATION_API_KEY" ` +
      `-H 'content-type: application/json' -d '{"workflowId":"deploy","version":3,"input":{}}'`,
  );
});

it("the lines of TypeScript are a request with the same body", async () => {
  const asked: Request[] = [];
  const stand = async (url: string, init: RequestInit) => {
    asked.push(new Request(url, init));
    return Response.json({ runId: "run_1" });
  };
  const text = `${asTypeScript({ ...open, asksWho: true }, start)}\nreturn runId;`;
  const AsyncFunction = (async () => {}).constructor as new (
    ...texts: string[]
  ) => (...given: unknown[]) => unknown;
  const run = new AsyncFunction("fetch", "process", text);
  expect(await run(stand, { env: { STATION_API_KEY: "stn_a" } })).toBe("run_1");
  expect(asked[0]?.url).toBe("http://station:8585/api/v1/workflow-runs");
  expect(asked[0]?.headers.get("authorization")).toBe("Bearer stn_a");
  expect(await asked[0]?.json()).toEqual({ workflowId: "deploy", input: { note: "it's $HOME" } });
});
