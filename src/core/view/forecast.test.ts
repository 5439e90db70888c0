import { expect, it } from "vitest";
import { agent, Drive, workflow } from "../../../test/support/drive.ts";
import type { State } from "../definition/types.ts";
import { forecast } from "./forecast.ts";

const choose: State = {
  type: "switch",
  name: "choose",
  conditions: [{ if: "high", next: "mitigate" }],
  defaultNext: "report_ok",
};
const definition = workflow([
  agent("look", "choose", { onError: { next: "sorry" } }),
  choose,
  agent("mitigate", "notify"),
  agent("notify"),
  agent("report_ok"),
  agent("sorry"),
]);

it("everything that is not an error's place may come before anything has begun", () => {
  expect(forecast(definition, null, false)).toEqual({
    ahead: ["look", "choose", "mitigate", "notify", "report_ok"],
    notTaken: [],
  });
});

it("once an arm is taken, the other is passed by", () => {
  const drive = new Drive(definition, { evaluate: () => true });
  const until = drive
    .settle()
    .log.findIndex(({ event }) => event.type === "state.exited" && event.state === "choose");
  expect(until).toBeGreaterThan(0);
  expect(forecast(definition, drive.run, true)).toEqual({ ahead: [], notTaken: ["report_ok", "sorry"] });
});
