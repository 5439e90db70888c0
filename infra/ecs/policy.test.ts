import { Peer, Port, SecurityGroup, type Vpc } from "aws-cdk-lib/aws-ec2";
import { AwsSolutionsChecks } from "cdk-nag";
import { expect, it } from "vitest";
import { synthesise } from "./template.ts";

// CloudFormation's own validator and AWS' rules, both as errors. The first takes seconds once per process.
process.env["CDK_VALIDATION"] = "true";
const PATIENCE_MS = 120_000;

it("CloudFormation and AWS' rules find nothing that is not acknowledged with a reason", {
  timeout: PATIENCE_MS,
}, () => {
  expect(Object.keys(synthesise({}, (app) => new AwsSolutionsChecks(app)).Resources).length).toBeGreaterThan(
    40,
  );
});

it("a public load balancer for everybody is said in so many words, and passes", {
  timeout: PATIENCE_MS,
}, () => {
  synthesise({ isPublic: true, allowedCidrs: ["0.0.0.0/0"] }, (app) => new AwsSolutionsChecks(app));
});

it("AWS' rules are really asked: an open security group is refused", { timeout: PATIENCE_MS }, () => {
  const open = () =>
    synthesise(
      {},
      (app) => new AwsSolutionsChecks(app),
      (stack) => {
        const vpc = stack.node.findChild("Vpc") as Vpc;
        new SecurityGroup(stack, "Open", { vpc }).addIngressRule(Peer.anyIpv4(), Port.allTraffic());
      },
    );
  expect(open).toThrow(/AwsSolutions-EC23/);
});

it("CloudFormation's validator is really asked: a size that Fargate does not have is refused", {
  timeout: PATIENCE_MS,
}, () => {
  const odd = { cpu: 256, memoryMiB: 30_720, min: 2, max: 2 };
  expect(() => synthesise({ api: odd })).toThrow(/E3047/);
});
