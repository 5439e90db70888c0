import { expect, it } from "vitest";
import type { JsonObject } from "../../core/json.ts";
import { openApiDocument } from "../../http/openapi.ts";
import { resolved } from "./resolved.ts";

it("has what is meant in the place of references, each schema once", () => {
  const answer = { $ref: "#/components/schemas/Run" };
  const tree = { type: "object", properties: { below: { $ref: "#/components/schemas/Tree" } } };
  const document = {
    paths: { "/a": answer, "/b": [answer, { $ref: "#/components/schemas/Tree" }] },
    components: { schemas: { Run: { type: "object", required: ["id"] }, Tree: tree } },
  };
  const { paths } = resolved(document) as { paths: JsonObject & { "/b": readonly unknown[] } };
  expect(paths["/a"]).toEqual({ type: "object", required: ["id"] });
  expect(paths["/b"][0]).toBe(paths["/a"]);
  expect(paths["/b"][1]).toMatchObject({ properties: { below: { title: "Tree" } } });
});

it("says which reference leads nowhere", () => {
  expect(() => resolved({ a: { $ref: "#/components/schemas/Gone" } })).toThrow("#/components/schemas/Gone");
});

it("our own document has no reference left", () => {
  expect(JSON.stringify(resolved(openApiDocument()))).not.toContain('"$ref"');
});
