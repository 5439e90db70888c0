import { expect, test } from "vitest";
import { meaningOf, serverOf } from "./tool-names.ts";

const offered = [
  { server: "kubernetes", tool: "get_pods" },
  { server: "kubernetes", tool: "delete_pod" },
  { server: "grafana", tool: "query" },
  { server: "prometheus", tool: "query" },
  { server: "kube.prod", tool: "get_pods.all" },
  { server: "odd", tool: "__dunder" },
  { server: "odd", tool: "__dunder" },
];

test.each([
  ["get_pods", "kubernetes", "get_pods"],
  ["__get_pods", "kubernetes", "get_pods"],
  ["kubernetes.get_pods", "kubernetes", "get_pods"],
  ["kubernetes/get_pods", "kubernetes", "get_pods"],
  ["kubernetes__get_pods", "kubernetes", "get_pods"],
  ["mcp__kubernetes__get_pods", "kubernetes", "get_pods"],
  ["grafana.query", "grafana", "query"],
  ["kube.prod.get_pods.all", "kube.prod", "get_pods.all"],
  ["__dunder", "odd", "__dunder"],
])("%s is %s's %s", (written, server, tool) => {
  expect(meaningOf(written, offered)).toEqual({ kind: "found", tools: [{ server, tool }] });
});

test("server/* is everything a server offers", () => {
  expect(meaningOf("kubernetes/*", offered)).toMatchObject({
    tools: [{ tool: "get_pods" }, { tool: "delete_pod" }],
  });
  expect(meaningOf("kubernetes.*", offered)).toMatchObject({
    tools: [{ tool: "get_pods" }, { tool: "delete_pod" }],
  });
});

test("a name that two servers offer is not guessed at", () => {
  const spellings = ["grafana.query", "prometheus.query"];
  expect(meaningOf("query", offered)).toEqual({ kind: "ambiguous", spellings });
  expect(meaningOf("__query", offered)).toEqual({ kind: "ambiguous", spellings });
});

test.each([
  ["get_pod", 'did you mean "get_pods"?'],
  ["kubernetes.get_pod", 'did you mean "kubernetes.get_pods"?'],
  ["kuberntes.get_pods", 'did you mean "kubernetes.get_pods"?'],
  ["kuberntes/*", 'did you mean "kubernetes/*"?'],
  ["launch_rocket", null],
])("%s is missing: %s", (written, hint) => {
  expect(meaningOf(written, offered)).toEqual({ kind: "missing", hint });
});

test("a name says which server it needs, where it says so", () => {
  const servers = ["kube", "kube.prod"];
  expect(serverOf("kube.prod.get", servers)).toBe("kube.prod");
  expect(serverOf("__kube__get", servers)).toBe("kube");
  expect(serverOf("get", servers)).toBeNull();
});
