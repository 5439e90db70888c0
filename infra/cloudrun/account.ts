import { SecretIamMember } from "@pulumi/gcp/secretmanager/secretIamMember.js";
import { Account } from "@pulumi/gcp/serviceaccount/account.js";
import { interpolate, type Resource } from "@pulumi/pulumi";
import { forProgram } from "../settings.ts";
import type { CloudRunConfig } from "./config.ts";

/** Who a program is: an account that reads exactly the secrets this program needs, and may do nothing in the project. */
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
  return { account, grants };
}
