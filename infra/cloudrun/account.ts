import { IAMMember } from "@pulumi/gcp/projects/iammember.js";
import { SecretIamMember } from "@pulumi/gcp/secretmanager/secretIamMember.js";
import { Account } from "@pulumi/gcp/serviceaccount/account.js";
import { interpolate, type Resource } from "@pulumi/pulumi";
import { forProgram } from "../settings.ts";
import type { CloudRunConfig } from "./config.ts";

/** Figures and traces; nothing else in the project. */
const ROLES = ["roles/monitoring.metricWriter", "roles/cloudtrace.agent"];

/** Who a program is: an account that reads exactly the secrets this program needs. */
export function createAccount(
  program: "api" | "worker",
  config: CloudRunConfig,
): { readonly account: Account; readonly grants: Resource[] } {
  const { project } = config;
  const account = new Account(program, {
    project,
    accountId: `${config.name}-${program}`,
    displayName: `Station: ${program}`,
  });
  const member = interpolate`serviceAccount:${account.email}`;
  const grants = Object.entries(forProgram(program, config.secrets)).map(
    ([variable, secretId]) =>
      new SecretIamMember(`${program}-${variable}`, {
        project,
        secretId,
        role: "roles/secretmanager.secretAccessor",
        member,
      }),
  );
  for (const role of ROLES) new IAMMember(`${program}-${role}`, { project, role, member });
  return { account, grants };
}
