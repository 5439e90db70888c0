import { expect, it } from "vitest";
import { type FailedRun, groupFailures } from "./failures.ts";

const failed = (runId: string, finishedAt: number, change: Partial<FailedRun> = {}): FailedRun => ({
  runId,
  environment: "default",
  workflowId: "rotate",
  finishedAt,
  state: "db",
  code: "AGENT_ERROR",
  message: "vault answered 403",
  ...change,
});

it("runs that failed in the same way are one line, with how many and since when, told by the latest", () => {
  expect(
    groupFailures([
      failed("run_1", 10, { message: 'host "web-1" timed out after 20 s' }),
      failed("run_2", 30, { message: 'host "db-7" timed out after 31.5 s' }),
      failed("run_3", 20),
    ]),
  ).toEqual([
    {
      runId: "run_2",
      environment: "default",
      workflowId: "rotate",
      state: "db",
      code: "AGENT_ERROR",
      message: 'host "db-7" timed out after 31.5 s',
      count: 2,
      firstAt: 10,
      lastAt: 30,
    },
    expect.objectContaining({ runId: "run_3", count: 1, firstAt: 20, lastAt: 20 }),
  ]);
});

it("another workflow, state, code or environment is another failure", () => {
  const others = [
    { workflowId: "deploy" },
    { state: null },
    { code: "TIMEOUT" },
    { environment: "prod" },
    { message: "vault is sealed" },
  ].map((change, index) => failed(`run_${index}`, index, change));
  expect(groupFailures([...others, failed("run_x", 9)])).toHaveLength(6);
});

it("ids in messages do not make failures different", () => {
  const [group] = groupFailures([
    failed("run_1", 1, { message: "pod checkout-7d9f-x2x is not there" }),
    failed("run_2", 2, { message: "pod checkout-5c1b-k8q is not there" }),
  ]);
  expect(group?.count).toBe(2);
});
