import { expect, it } from "vitest";
import { STORIES as environment } from "./support/agents.ts";
import { startDistributed } from "./support/deployment.ts";
import { eventually } from "./support/eventually.ts";
import { describeDistributed, staged } from "./support/story.ts";

describeDistributed("distributed", () => {
  const scene = staged(() => startDistributed());

  it("a schedule loses no second and starts none twice while one process after the other is killed", async () => {
    const { station, deployment } = scene();
    await station.publish(
      "id: ticking\nstates: [{ name: done, type: inject, data: { ok: true }, end: true }]\n",
    );
    const body = {
      name: "secondly",
      workflowId: "ticking",
      everySeconds: 1,
      overlap: "allow",
      environment,
    } as const;
    await station.client.createSchedule({ body });
    const asked = { params: { name: "secondly" }, query: { environment, limit: 200 } };
    const started = async () =>
      (await station.client.listTicks(asked)).items.filter(({ runStatus }) => runStatus === "COMPLETED");
    const reach = (count: number) =>
      eventually(
        async () => (await started()).length >= count,
        () => `the schedule has not fired ${count} times`,
      );
    for (const [index, process] of [...deployment.processes].entries()) {
      await reach(2 * index + 2);
      await process.kill();
      await deployment.restart(process);
    }
    await reach(10);
    await station.client.pauseSchedule({ params: asked.params, query: { environment }, body: {} });
    const { items } = await station.client.listTicks(asked);
    const { items: runs } = await station.client.listRuns({ query: { workflowId: "ticking", limit: 200 } });
    const seconds = items.map(({ at }) => Date.parse(at) / 1000).sort((a, b) => a - b);
    const [first = 0] = seconds;
    expect(seconds).toEqual(seconds.map((_, index) => first + index));
    expect(items.every(({ status }) => status === "started")).toBe(true);
    expect(runs).toHaveLength(items.length);
  });
});
