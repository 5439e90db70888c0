import { describe, expect, test } from "vitest";
import { type BoundTool, matches, modelNames } from "./tools.ts";

const common = { description: "", inputSchema: {}, effect: { isRepeatable: false, isDestructive: true } };
const pods: BoundTool = {
  ...common,
  kind: "mcp",
  server: "kube.prod",
  name: "delete_pod",
  alias: "delete_pod",
  modelName: "delete_pod",
};
const triage: BoundTool = {
  ...common,
  kind: "agent",
  agent: "Pod triage",
  names: ["Pod triage", "pod-triage", "k8s-triage"],
  alias: "__agent_pod_triage",
  modelName: "__agent_pod_triage",
};

describe("a pattern means a tool", () => {
  test.each([
    "*",
    "destructive",
    "delete_pod",
    "__delete_pod",
    "kube.prod.delete_pod",
    "kube.prod/delete_pod",
    "kube.prod__delete_pod",
    "mcp__kube.prod__delete_pod",
    "kube.prod/*",
    "kube.prod.*",
    "mcp__kube.prod__*",
  ])("however an agent's file may write it: %s", (pattern) => expect(matches(pattern, pods)).toBe(true));

  test.each(["delete", "kube.delete_pod", "kube/*", "prod__delete_pod", "get_pod"])(
    "and no other: %s",
    (pattern) => expect(matches(pattern, pods)).toBe(false),
  );

  test.each([
    "Pod triage",
    "pod-triage",
    "k8s-triage",
    "__agent_pod_triage",
    "agent_pod_triage",
    "__agent_k8s_triage",
    "mcp__station__agent__pod_triage",
  ])("an agent, by every name of its own: %s", (pattern) => expect(matches(pattern, triage)).toBe(true));

  test("and no other agent", () => expect(matches("__agent_pod", triage)).toBe(false));
});

test("a model knows tools by names of letters that begin with one, and no two by the same", () => {
  expect(modelNames(["k8s.get pods", "k8s.get/pods", "3d.render", "-x", "_x", "__agent_a"])).toEqual([
    "k8s_get_pods",
    "k8s_get_pods_2",
    "_3d_render",
    "_-x",
    "_x",
    "__agent_a",
  ]);
});
