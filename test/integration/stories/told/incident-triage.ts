import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CALM } from "../support/agents.ts";
import type { Story } from "../support/story.ts";

const INPUT = { namespace: "shop", service: "checkout" };
const DIAGNOSTICS = {
  pods: { result: { status: "degraded", pods: expect.any(Array), summary: expect.any(String) } },
  errors: { result: { error_rate: 0.083, objective: 0.01, window: "30m" } },
};

/** The PRD's appendix workflow, as it stands in environments/default. */
export const incidentTriage: Story = (scene) => {
  describe("incident-triage", () => {
    it("asks a person when the error rate is high, mitigates once approved, and reports", async () => {
      const { station } = scene();
      const runId = await station.start("incident-triage", INPUT, "default");
      const approval = await station.asked(runId);
      expect(approval).toMatchObject({
        status: "PENDING",
        message: "Error rate high (0.083). Approve mitigation?",
        summary: DIAGNOSTICS,
      });
      expect(await station.run(runId)).toMatchObject({ status: "WAITING_APPROVAL", output: null });
      await station.client.approve({
        params: { approvalId: approval.approvalId },
        body: { digest: approval.digest },
      });
      const run = await station.ended(runId);
      expect(run).toMatchObject({
        status: "COMPLETED",
        simulated: true,
        error: null,
        output: { sent: true, channel: "#incidents" },
        context: {
          ...INPUT,
          config: { thresholds: { errorRate: 0.05 } },
          steps: {
            diagnostics: DIAGNOSTICS,
            request_approval: { approved: true, decidedBy: "user:local" },
            mitigation: { status: "remediated", restarted: ["checkout-7d9f6c5b8-9kwzt"] },
          },
        },
      });
      const steps = await station.steps(runId);
      expect(steps.filter(({ branch }) => branch === "").map(({ state }) => state)).toEqual([
        "inject_defaults",
        "diagnostics",
        "decide",
        "request_approval",
        "mitigate",
        "notify",
      ]);
      expect(steps.filter(({ status }) => status !== "SUCCEEDED")).toEqual([]);
    });

    it("fails when a person rejects, and touches nothing", async () => {
      const { station } = scene();
      const runId = await station.start("incident-triage", INPUT, "default");
      const { approvalId } = await station.asked(runId);
      await station.client.reject({ params: { approvalId }, body: { comment: "not during the sale" } });
      expect(await station.ended(runId)).toMatchObject({
        status: "FAILED",
        error: {
          code: "REJECTED",
          type: "rejected",
          message: expect.stringContaining("not during the sale"),
        },
      });
      const steps = await station.steps(runId);
      expect(steps.map(({ state }) => state)).not.toContain("mitigate");
      expect(steps.at(-1)).toMatchObject({ state: "request_approval", status: "FAILED" });
    });

    it("fails when nobody answers in time, and a late answer is told so", async () => {
      const { station, deployment } = scene();
      const file = join(deployment.directory, "environments/default/workflows/incident-triage.workflow.yaml");
      const text = (await readFile(file, "utf8"))
        .replace("id: incident-triage", "id: impatient-triage")
        .replace("timeoutSeconds: 3600", "timeoutSeconds: 1");
      await station.publish(text, "default");
      const runId = await station.start("impatient-triage", INPUT, "default");
      const { approvalId } = await station.asked(runId);
      expect(await station.ended(runId)).toMatchObject({
        status: "FAILED",
        error: { code: "APPROVAL_TIMEOUT" },
      });
      expect(await station.step(runId, "request_approval")).toMatchObject({ status: "TIMED_OUT" });
      expect(await station.client.getApproval({ params: { approvalId } })).toMatchObject({
        status: "EXPIRED",
        decisions: [],
      });
      const late = await station.post(`/api/v1/workflow-approvals/${approvalId}/approve`);
      expect(late).toMatchObject({ status: 410, body: { code: "expired" } });
    });

    it("gives the all-clear when the error rate is low, and asks nobody", async () => {
      const { station } = scene();
      const run = await station.startAndEnd("incident-triage", INPUT, CALM);
      expect(run).toMatchObject({ status: "COMPLETED", output: { sent: true, channel: "#incidents" } });
      const { items } = await station.client.listRunApprovals({ params: { runId: run.runId } });
      expect(items).toEqual([]);
      expect(await station.step(run.runId, "report_ok")).toMatchObject({
        status: "SUCCEEDED",
        input: { variables: { message: "No mitigation required for checkout" } },
      });
    });
  });
};
