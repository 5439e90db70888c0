import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { routeList } from "./contract.ts";
import { openApiDocument } from "./openapi.ts";
import { problemKinds } from "./schemas/problem.ts";

it("a path's parameters are the ones its row describes", () => {
  for (const [name, { path, alias, params }] of routeList)
    for (const known of alias ? [path, alias] : [path]) {
      const named = [...known.matchAll(/\{(\w+)\}/g)].map(([, param]) => param);
      expect(Object.keys(params?.properties ?? {}), name).toEqual(named);
    }
});

it("no row is hidden by an earlier one", () => {
  const covers = (general: string, special: string) => {
    const [a, b] = [general.split("/"), special.split("/")];
    return a.length === b.length && a.every((part, i) => part === b[i] || part.startsWith("{"));
  };
  for (const [i, [name, route]] of routeList.entries())
    for (const [, earlier] of routeList.slice(0, i))
      expect(earlier.method === route.method && covers(earlier.path, route.path), name).toBe(false);
});

it("two schemas of one title are one schema", () => {
  const byTitle = new Map<string, unknown>();
  const visit = (schema: unknown): void => {
    if (typeof schema !== "object" || schema === null) return;
    const { title } = schema as { title?: unknown };
    if (typeof title === "string") {
      expect(schema, title).toEqual(byTitle.get(title) ?? schema);
      byTitle.set(title, schema);
    }
    for (const inner of Object.values(schema)) visit(inner);
  };
  for (const [, { query, body, ok }] of routeList) for (const schema of [query, body, ok[1]]) visit(schema);
  const { schemas } = openApiDocument()["components"] as { schemas: object };
  for (const title of byTitle.keys()) expect(Object.keys(schemas)).toContain(title);
});

it("the document describes every field that it requires", () => {
  const visit = (schema: unknown, place: string): void => {
    if (typeof schema !== "object" || schema === null) return;
    const { properties, required } = schema as { properties?: object; required?: unknown };
    if (properties && Array.isArray(required))
      expect(Object.keys(properties), place).toEqual(expect.arrayContaining(required));
    for (const [name, inner] of Object.entries(schema)) visit(inner, `${place}/${name}`);
  };
  visit(openApiDocument(), "");
});

it("the document says maps and enumerations as generators of clients read them", () => {
  const { components } = openApiDocument() as { components: { schemas: Record<string, unknown> } };
  const { RunStatus, Run } = components.schemas as { RunStatus: object; Run: { properties: object } };
  expect(RunStatus).toMatchObject({ type: "string", enum: expect.arrayContaining(["PENDING"]) });
  expect(Run.properties).toMatchObject({
    labels: { type: "object", additionalProperties: { type: "string" } },
  });
  const text = JSON.stringify(openApiDocument());
  expect(text).not.toContain('"patternProperties"');
  expect(text).not.toMatch(/\{"enum":/);
});

it("the document promises a key that makes a request repeatable only where there is one", () => {
  const { paths } = openApiDocument() as { paths: Record<string, Record<string, Operation>> };
  const without = Object.values(paths)
    .flatMap(({ post }) => post ?? [])
    .filter(({ parameters }) => !parameters.some(({ name }) => name === "Idempotency-Key"))
    .map(({ operationId }) => operationId);
  expect(without.sort()).toEqual([
    "createApprovalLink",
    "deliverHook",
    "redeliverHook",
    "redeliverNotification",
    "rotateHook",
    "rotateKey",
    "rotateSubscription",
    "testSubscription",
  ]);
});

type Operation = {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string }[];
};

it("the README explains every problem", () => {
  const readme = readFileSync(new URL("README.md", import.meta.url), "utf8");
  for (const [kind, meaning] of Object.entries<{ status: number; code?: string }>(problemKinds)) {
    const row = new RegExp(`^\\| ${meaning.status} +\\|.*\`${meaning.code ?? kind}\``, "m");
    expect(readme, kind).toMatch(row);
  }
});
