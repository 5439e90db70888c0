import { type Static, Type } from "typebox";
import { AnyJson } from "./common.ts";

type Meaning = { readonly status: number; readonly code?: string; readonly title: string };

/**
 * Everything that can go wrong, by kind. The kind is the `code` of the answer, except for `invalid-input`: a run's
 * input that breaks its schema has the code `validation` like any other wrong value, but the status 400.
 */
export const problemKinds = {
  "bad-request": { status: 400, title: "The request cannot be understood" },
  "workflow-invalid": { status: 400, title: "The workflow has errors" },
  "invalid-input": {
    status: 400,
    code: "validation",
    title: "The input does not match the workflow's schema",
  },
  "link-invalid": { status: 400, title: "The link is none of ours, or was made for somebody else" },
  unauthenticated: { status: 401, title: "Who is calling is not known" },
  forbidden: { status: 403, title: "The caller may not do this" },
  "not-an-approver": { status: 403, title: "The caller is not among those who may decide" },
  "self-approval": { status: 403, title: "Nobody decides about their own doing" },
  "not-found": { status: 404, title: "There is no such thing" },
  "invalid-transition": { status: 409, title: "The run's status does not allow this" },
  "concurrency-limit": { status: 409, title: "As many runs go on as may at once" },
  "already-decided": { status: 409, title: "The approval was decided before" },
  "digest-mismatch": { status: 409, title: "What was shown is not what would be decided" },
  "key-exists": { status: 409, title: "A key of this name exists or existed" },
  "subscription-exists": { status: 409, title: "A subscription of this name exists" },
  "subscription-gone": { status: 409, title: "The subscription was removed" },
  "mail-off": { status: 409, title: "No mail is sent here" },
  "schedule-exists": { status: 409, title: "A schedule of this name exists" },
  "schedule-declared": { status: 409, title: "The schedule is declared by its workflow" },
  "workflow-exists": { status: 409, title: "A workflow with this id exists" },
  "workflow-disabled": { status: 409, title: "The workflow is disabled" },
  "workflow-has-runs": { status: 409, title: "The workflow has runs and cannot be deleted" },
  unproved: { status: 409, title: "No checkpoint vouches for the run yet" },
  "archive-unusable": { status: 409, title: "The archive cannot be used, or has the run" },
  "not-purgeable": { status: 409, title: "The run's values cannot be taken out, or not yet" },
  "no-file": { status: 409, title: "The database is no file of this server" },
  "bundle-refused": { status: 422, title: "The bundle may not be installed" },
  "hook-exists": { status: 409, title: "The environment has a hook of this name" },
  "hook-disabled": { status: 409, title: "The hook is disabled" },
  "secrets-off": { status: 409, title: "No secrets can be kept here" },
  "delivery-not-kept": { status: 409, title: "The event was not kept" },
  "links-off": { status: 409, title: "No links are made here" },
  "link-expired": { status: 410, title: "The link is too old" },
  "link-used": { status: 410, title: "The link has been used" },
  expired: { status: 410, title: "The time to decide is over" },
  "version-mismatch": { status: 412, title: "The workflow was changed in the meantime" },
  "too-large": { status: 413, title: "The body is too large" },
  "unsupported-media-type": { status: 415, title: "The body's type is not understood here" },
  "reason-required": { status: 422, code: "validation", title: "A rejection needs a reason" },
  validation: { status: 422, title: "The request has the wrong shape" },
  "idempotency-key-reused": { status: 422, title: "The idempotency key was used for another request" },
  "delivery-failed": { status: 422, title: "The event comes to nothing here" },
  "rate-limited": { status: 429, title: "Too many requests" },
  internal: { status: 500, title: "Something went wrong inside Station" },
  unavailable: { status: 503, title: "Something Station needs cannot be reached" },
} as const satisfies Record<string, Meaning>;

/** The kinds of `problemKinds`. */
export type ProblemKind = keyof typeof problemKinds;

/** One fault of a request: where, what, and how to mend it. */
export const Fault = Type.Object(
  {
    pointer: Type.String({ description: "JSON pointer into the body; `?name` for a query parameter" }),
    message: Type.String(),
    hint: Type.Optional(Type.String()),
    code: Type.Optional(Type.String()),
    line: Type.Optional(Type.Integer()),
    column: Type.Optional(Type.Integer()),
  },
  { title: "Fault" },
);
export type Fault = Static<typeof Fault>;

/** RFC 9457. Some kinds carry more fields: `validation`, `decision`, `parts`, `currentVersion`. */
export const Problem = Type.Object(
  {
    type: Type.String({ examples: ["/problems/not-found"] }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    instance: Type.String({ examples: ["urn:request:req_01K9X2M4Q8"] }),
    code: Type.String(),
    errors: Type.Optional(Type.Array(Fault)),
    traceId: Type.Optional(Type.String()),
  },
  { title: "Problem", additionalProperties: AnyJson },
);
export type Problem = Static<typeof Problem>;
