import { describe, expect, test } from "vitest";
import { agent, block, Drive, workflow } from "../../../../test/support/drive.ts";
import { person } from "../../../../test/support/people.ts";
import type { ApprovalState, State } from "../../definition/types.ts";
import { LOCAL_USER, type Principal, type ServiceKey } from "../../identity/principal.ts";
import type { Standing } from "../../identity/standing.ts";
import type { JsonValue } from "../../json.ts";
import { isoTime } from "../../time.ts";
import { contextOf } from "../context.ts";
import { finalError } from "../errors.ts";
import type { Recorded } from "../events.ts";
import { begin, fold } from "../evolve.ts";
import { ROOT } from "../ids.ts";
import type { Approval } from "../run.ts";
import type { Following } from "./consequence.ts";
import { tallyOf, tallyText } from "./tally.ts";

const gate = (extra: Partial<ApprovalState> = {}): State => ({
  type: "operation",
  action: "human.approval",
  name: "gate",
  message: "Restart?",
  approvers: [],
  quorum: 1,
  excludeStarter: false,
  onReject: "fail",
  onTimeout: "fail",
  escalate: [],
  timeoutSeconds: 3600,
  transition: { next: "go" },
  ...extra,
});

/** A run started by user:ana that waits at its gate. */
function waiting(extra: Partial<ApprovalState> = {}, context: Record<string, string> = {}): Drive {
  return new Drive(workflow([gate(extra), agent("go", undefined, { task: "restart {{ ctx.what }}" })]), {
    input: { what: "checkout", ...context },
  }).settle();
}

test("a question that cannot be stored as it is comes to one that can: what is shown is what is decided", () => {
  const what = "checkout\0 and pay \ud83d";
  const drive = waiting({ message: "Restart {{ ctx.what }}?", title: "{{ ctx.what }}" }, { what });
  expect(approvalOf(drive)).toMatchObject({
    message: "Restart checkout\ufffd and pay \ufffd?",
    title: "checkout\ufffd and pay \ufffd",
  });
});

function approvalOf(drive: Drive): Approval {
  const [approval] = Object.values(drive.run.approvals);
  if (!approval) throw new Error("no approval");
  return approval;
}

type Say = { readonly comment?: string | null; readonly digest?: string; readonly standings?: Standings };
type Standings = ReadonlyMap<string, Standing>;
const isNow = (name: string, principal: Principal | null, because: string | null = null): Standings =>
  new Map([[name, { principal, because }]]);

function say(drive: Drive, verb: "approve" | "reject", principal: Principal, more: Say = {}): string {
  const { comment = verb === "reject" ? "no" : null, digest = null, standings } = more;
  const approvalId = approvalOf(drive).id;
  const said = { approvalId, decision: verb, comment, digest, principal } as const;
  return drive.send({ type: "decide-approval", ...said, ...(standings && { standings }) });
}

function handOn(drive: Drive, principal: Principal, to: string): string {
  const approvalId = approvalOf(drive).id;
  return drive.send({ type: "delegate-approval", approvalId, principal, to, comment: null });
}

function foldOf(drive: Drive) {
  const [first, ...rest] = drive.log as [Parameters<typeof begin>[1], ...Recorded[]];
  return fold(begin(drive.run.definition, first), rest);
}

const key = (name: string, scopes: ServiceKey["scopes"]): ServiceKey => ({
  kind: "key",
  id: `key:default/${name}`,
  name,
  environment: "default",
  scopes,
});

const sre = (name: string) => person(name, { teams: ["sre"], roles: ["viewer"] });
const security = (name: string) => person(name, { teams: ["security"], roles: ["viewer"] });

describe("people whom a template names", () => {
  const named = { approvers: ["{{ ctx.owners }}"] } as const;
  const asked = (extra: Partial<ApprovalState>, owners: JsonValue) =>
    new Drive(workflow([gate(extra), agent("go")]), { input: { owners } }).settle().run;

  test("may be several, and decide as if they had been written", () => {
    const { approvals } = asked(named, ["user:eve", "team:shop"]);
    expect(Object.values(approvals)).toMatchObject([{ approvers: ["user:eve", "team:shop"] }]);
  });

  test.each([
    ["approvers that come to nobody: it would be open to anyone", named, []],
    ["approvers that are none", named, "eve"],
    ["approvers of which one is missing", named, ["user:eve", null]],
    ["a veto that comes to nobody", { approvers: ["user:eve"], veto: ["{{ ctx.owners }}"] }, []],
    [
      "an escalation that comes to nobody",
      {
        escalate: [
          { afterSeconds: 60, to: ["user:eve"] },
          { afterSeconds: 90, to: ["{{ ctx.owners }}"] },
        ],
      },
      [],
    ],
  ])("fail the step when they are %s", (_, extra, owners) => {
    const { lifecycle, approvals } = asked(extra, owners);
    expect(lifecycle).toMatchObject({
      status: "FAILED",
      error: { code: "INVALID_APPROVERS", message: expect.stringContaining("{{ ctx.owners }} came to") },
    });
    expect(approvals).toEqual({});
  });
});

describe("a quorum that people whom templates name can never reach", () => {
  const owners = ["{{ ctx.owners }}"];
  const late = (afterSeconds: number) => ({ escalate: [{ afterSeconds, to: ["user:cto"] }] });
  const asked = (extra: Partial<ApprovalState>, names: readonly string[]) =>
    new Drive(workflow([gate({ approvers: owners, ...extra }), agent("go")]), {
      input: { owners: names },
    }).settle().run;

  test.each<[string, Partial<ApprovalState>, readonly string[], string]>([
    [
      "there are too few of them",
      { quorum: 2 },
      ["user:Eve", "user:eve"],
      "2 approvals can never be given, only user:Eve, user:eve may decide",
    ],
    [
      "one of them started the run",
      { quorum: 2, excludeStarter: true },
      ["user:ana", "user:eve"],
      "2 approvals can never be given, only user:eve may decide: user:ana started this run",
    ],
    [
      "nobody else is left",
      { excludeStarter: true },
      ["user:Ana"],
      "1 approval can never be given, nobody may decide: user:ana started this run",
    ],
    [
      "whoever else is asked comes too late",
      { quorum: 2, ...late(3600) },
      ["user:eve"],
      "2 approvals can never be given, only user:eve may decide",
    ],
    [
      "a group was not filled in",
      { quorum: { "{{ ctx.owners }}": 1 } },
      ["team:sre"],
      "1 approval for {{ ctx.owners }} can never be given, nobody may decide",
    ],
    [
      "one would have to stand for two groups",
      { quorum: { "user:eve": 1, "user:EVE": 1 } },
      ["user:eve"],
      "2 approvals can never be given, only user:eve may decide",
    ],
  ])("fails the step at once: %s", (_, extra, names, message) => {
    const { lifecycle, approvals } = asked(extra, names);
    expect(lifecycle).toMatchObject({
      status: "FAILED",
      error: { code: "INVALID_QUORUM", message: `approval "gate": ${message}` },
    });
    expect(approvals).toEqual({});
  });

  test.each<[string, Partial<ApprovalState>, readonly string[]]>([
    ["there are enough", { quorum: 2 }, ["user:eve", "key:bot"]],
    ["a team may be many", { quorum: 9 }, ["user:eve", "team:sre"]],
    ["others are asked in time", { quorum: 2, ...late(3599) }, ["user:eve"]],
    ["the starter may decide too", { quorum: 2, excludeStarter: false }, ["user:ana", "user:eve"]],
  ])("is asked for where it can be reached: %s", (_, extra, names) => {
    expect(Object.values(asked(extra, names).approvals)).toMatchObject([{ status: "PENDING" }]);
  });
});

describe("who may decide", () => {
  test("named people, teams and roles, and nobody else, not even an admin", () => {
    const drive = waiting({ approvers: ["user:ben", "team:sre", "role:operator"] });
    expect(say(drive, "approve", person("eve", { roles: ["admin"] }))).toBe("not-an-approver");
    expect(say(drive, "reject", person("eve", { roles: ["admin"] }))).toBe("not-an-approver");
    for (const one of [person("ben", { roles: [] }), sre("kim"), person("op", { roles: ["operator"] })]) {
      const again = waiting({ approvers: ["user:ben", "team:sre", "role:operator"] });
      expect(say(again, "approve", one)).toBe("done");
      expect(approvalOf(again).status).toBe("APPROVED");
    }
  });

  test("where nobody is named, people who may decide approvals in the environment", () => {
    expect(say(waiting(), "approve", person("v", { roles: ["viewer"] }))).toBe("not-an-approver");
    expect(say(waiting(), "approve", person("o", { roles: ["operator"] }))).toBe("not-an-approver");
    expect(say(waiting(), "approve", person("a", { roles: ["approver"] }))).toBe("done");
    expect(say(waiting(), "approve", LOCAL_USER)).toBe("done");
  });

  test("a program only where the workflow names it, and with a key made for it", () => {
    expect(say(waiting(), "approve", key("ci", ["admin"]))).toBe("not-an-approver");
    const named = () => waiting({ approvers: ["key:ci", "role:admin"] });
    expect(say(named(), "approve", key("ci", ["runs:write"]))).toBe("not-an-approver");
    expect(say(named(), "approve", key("bot", ["admin"]))).toBe("not-an-approver");
    expect(say(named(), "approve", key("ci", ["approvals:decide"]))).toBe("done");
  });

  test("a refusal says who may", () => {
    const drive = waiting({ approvers: ["team:sre"], escalate: [{ afterSeconds: 60, to: ["user:cto"] }] });
    drive.pass(60_000);
    expect(approvalOf(drive).escalatedTo).toEqual(["user:cto"]);
    expect(say(drive, "approve", person("eve"))).toBe("not-an-approver");
    expect(drive.refused).toMatchObject({
      message: expect.stringContaining("that is for team:sre, user:cto"),
      approvers: ["team:sre", "user:cto"],
    });
  });

  test("whoever started the run keeps out, however their name is written", () => {
    const drive = waiting({ approvers: ["team:sre"], excludeStarter: true });
    for (const verb of ["approve", "reject"] as const)
      expect(say(drive, verb, { ...sre("ANA"), id: "user:ANA" })).toBe("self-approval");
    expect(say(drive, "approve", sre("ben"))).toBe("done");
  });

  test("whoever wrote the workflow keeps out when the workflow says so", () => {
    const written = (extra: Partial<ApprovalState>) =>
      new Drive(workflow([gate(extra), agent("go")]), { author: "user:ben" }).settle();
    expect(say(written({ excludeAuthor: true }), "approve", person("ben"))).toBe("self-approval");
    expect(say(written({}), "approve", person("ben"))).toBe("done");
  });

  test("the one user of a Station that asks nobody is kept out of nothing", () => {
    const drive = new Drive(
      workflow([gate({ approvers: ["team:sre"], excludeStarter: true }), agent("go")]),
      {
        starter: "user:local",
      },
    ).settle();
    expect(say(drive, "approve", LOCAL_USER)).toBe("done");
  });
});

describe("a quorum", () => {
  test("counts nobody twice, in whatever case their name comes", () => {
    const drive = waiting({ quorum: 2 });
    expect(say(drive, "approve", person("ben"))).toBe("done");
    expect(say(drive, "approve", { ...person("ben"), id: "user:BEN" })).toBe("already-decided");
    expect(approvalOf(drive).status).toBe("PENDING");
    expect(tallyText(tallyOf(approvalOf(drive)))).toBe("1 of 2 approvals");
  });

  const both = { approvers: ["team:sre", "team:security"], quorum: { "team:sre": 1, "team:security": 1 } };

  test("by group needs one of each, and two of one are not enough", () => {
    const drive = waiting(both);
    say(drive, "approve", sre("a"));
    say(drive, "approve", sre("b"));
    expect(approvalOf(drive).status).toBe("PENDING");
    expect(tallyText(tallyOf(approvalOf(drive)))).toBe("1 of 2 approvals (team:security missing)");
    say(drive, "approve", security("c"));
    expect(approvalOf(drive).status).toBe("APPROVED");
  });

  test("by group gives a member of both to whichever lacks one, and counts them once", () => {
    const inBoth = person("x", { teams: ["sre", "security"], roles: [] });
    const drive = waiting(both);
    say(drive, "approve", inBoth);
    expect(approvalOf(drive).status).toBe("PENDING");
    say(drive, "approve", sre("a"));
    expect(approvalOf(drive).status).toBe("APPROVED");
  });

  test("does not count whoever has left the team by the time it closes", () => {
    const drive = waiting({ approvers: ["team:sre"], quorum: 2 });
    say(drive, "approve", sre("a"));
    const gone = isNow("user:a", person("a", { teams: [] }));
    expect(say(drive, "approve", sre("b"), { standings: gone })).toBe("done");
    expect(drive.events().slice(-2)).toEqual(["approval.vote_voided gate", "approval.voted gate"]);
    expect(approvalOf(drive)).toMatchObject({
      status: "PENDING",
      decisions: [{ by: "user:a", voided: expect.stringContaining("may not approve") }, { by: "user:b" }],
    });
    // Back in the team, they may say it again.
    expect(say(drive, "approve", sre("a"))).toBe("done");
    expect(approvalOf(drive).status).toBe("APPROVED");
    expect(foldOf(drive)).toEqual(drive.run);
  });

  test("does not count whoever is nobody any more", () => {
    const drive = waiting({ quorum: 2 });
    say(drive, "approve", person("a"));
    say(drive, "approve", person("b"), { standings: isNow("user:a", null) });
    expect(approvalOf(drive).status).toBe("PENDING");
  });

  test("does not count a membership that cannot be confirmed, and says why; a name needs none", () => {
    const drive = waiting({ approvers: ["team:sre", "user:n"], quorum: 3 });
    say(drive, "approve", sre("a"));
    say(drive, "approve", person("n"));
    const because = "their teams were last confirmed too long ago";
    const standings = new Map(
      ["a", "n"].map(
        (name) => [`user:${name}`, { principal: person(name, { roles: [] }), because }] as const,
      ),
    );
    say(drive, "approve", sre("b"), { standings });
    expect(approvalOf(drive).decisions).toMatchObject([
      { by: "user:a", voided: because },
      { by: "user:n" },
      { by: "user:b" },
    ]);
    expect(approvalOf(drive).decisions[1]).not.toHaveProperty("voided");
    expect(approvalOf(drive).status).toBe("PENDING");
  });
});

describe("whoever closes a quorum", () => {
  test("is weighed by what they are by now, whatever their credentials say", () => {
    const drive = waiting({ approvers: ["team:sre"] });
    const gone = isNow("user:a", person("a", { teams: [] }));
    expect(say(drive, "approve", sre("a"), { standings: gone })).toBe("not-an-approver");
    expect(drive.refused?.message).toContain("that is for team:sre");
    const because = "their teams were last confirmed too long ago";
    const bare = isNow("user:a", person("a", { teams: [] }), because);
    expect(say(drive, "approve", sre("a"), { standings: bare })).toBe("not-an-approver");
    expect(drive.refused?.message).toBe(because);
    expect(approvalOf(drive)).toMatchObject({ status: "PENDING", decisions: [] });
    expect(say(drive, "approve", sre("a"), { standings: isNow("user:a", sre("a")) })).toBe("done");
    expect(approvalOf(drive).status).toBe("APPROVED");
  });

  test("is weighed for a no as well, with every no before it and with their veto", () => {
    const drive = waiting({ approvers: ["team:sre"], rejectQuorum: 2, veto: ["team:security"] });
    const gone = (name: string) => isNow(`user:${name}`, person(name, { teams: [] }));
    expect(say(drive, "reject", security("v"), { standings: gone("v") })).toBe("not-an-approver");
    say(drive, "reject", sre("a"));
    expect(say(drive, "reject", sre("b"), { standings: gone("b") })).toBe("not-an-approver");
    expect(say(drive, "reject", sre("b"), { standings: gone("a") })).toBe("done");
    expect(approvalOf(drive)).toMatchObject({
      status: "PENDING",
      decisions: [{ by: "user:a", voided: expect.stringContaining("may not reject") }, { by: "user:b" }],
    });
    const inBoth = person("x", { teams: ["sre", "security"], roles: [] });
    const once = waiting({ approvers: ["team:sre"], rejectQuorum: 2, veto: ["team:security"] });
    expect(say(once, "reject", inBoth, { standings: isNow("user:x", sre("x")) })).toBe("done");
    expect(approvalOf(once).status).toBe("PENDING");
    expect(say(drive, "reject", sre("c"), { standings: isNow("user:c", sre("c")) })).toBe("done");
    expect(approvalOf(drive).status).toBe("REJECTED");
    expect(foldOf(drive)).toEqual(drive.run);
  });

  test("speaks for the groups alone that they are still in", () => {
    const quorum = { "team:sre": 1, "team:security": 1 };
    const drive = waiting({ approvers: ["team:sre", "team:security"], quorum });
    say(drive, "approve", sre("a"));
    const inBoth = person("x", { teams: ["sre", "security"], roles: [] });
    expect(say(drive, "approve", inBoth, { standings: isNow("user:x", sre("x")) })).toBe("done");
    expect(approvalOf(drive)).toMatchObject({ status: "PENDING", decisions: [{}, { as: ["team:sre"] }] });
  });

  test("does so with voices that speak for groups their givers are still in, or not at all", () => {
    const quorum = { "team:sre": 1, "team:security": 1 };
    const drive = waiting({ approvers: ["team:sre", "team:security"], quorum });
    say(drive, "approve", person("x", { teams: ["sre", "security"], roles: [] }));
    expect(say(drive, "approve", security("c"), { standings: isNow("user:x", security("x")) })).toBe("done");
    expect(approvalOf(drive)).toMatchObject({
      status: "PENDING",
      decisions: [{ voided: "user:x spoke for team:sre and may not by now" }, { by: "user:c" }],
    });
    expect(say(drive, "approve", sre("a"))).toBe("done");
    expect(approvalOf(drive).status).toBe("APPROVED");
    expect(foldOf(drive)).toEqual(drive.run);
  });
});

describe("a rejection", () => {
  test("needs a reason", () => {
    const drive = waiting();
    expect(say(drive, "reject", person("ben"), { comment: " " })).toBe("reason-required");
    expect(say(drive, "reject", person("ben"), { comment: "not now" })).toBe("done");
    drive.settle();
    expect(drive.run.lifecycle).toMatchObject({
      status: "FAILED",
      error: { message: expect.stringContaining("rejected by user:ben: not now") },
    });
  });

  test("is one voice of several where several are needed, and a veto is not", () => {
    const terms = { approvers: ["team:sre"], rejectQuorum: 2, veto: ["team:security"] };
    const drive = waiting(terms);
    say(drive, "reject", sre("a"));
    expect(approvalOf(drive)).toMatchObject({ status: "PENDING", decisions: [{ decision: "reject" }] });
    expect(say(drive, "approve", sre("a"))).toBe("already-decided");
    expect(say(drive, "approve", security("c"))).toBe("not-an-approver");
    say(drive, "reject", security("c"));
    expect(approvalOf(drive).status).toBe("REJECTED");
    expect(foldOf(drive)).toEqual(drive.run);
  });
});

describe("a voice that is handed on", () => {
  const terms = { approvers: ["team:sre"], excludeStarter: true, allowDelegation: true } as const;

  test("counts for whoever gave it, who then has none", () => {
    const drive = waiting({ ...terms, quorum: { "team:sre": 1 } });
    expect(handOn(drive, sre("a"), "user:zoe")).toBe("done");
    expect(say(drive, "approve", sre("a"))).toBe("not-an-approver");
    expect(say(drive, "approve", person("zoe", { roles: ["viewer"] }))).toBe("done");
    expect(approvalOf(drive)).toMatchObject({
      status: "APPROVED",
      decisions: [{ by: "user:zoe", as: ["team:sre"] }],
    });
    expect(foldOf(drive)).toEqual(drive.run);
  });

  test("can be taken back until it was used", () => {
    const drive = waiting({ ...terms, quorum: 2 });
    handOn(drive, sre("a"), "user:zoe");
    expect(handOn(drive, sre("a"), "user:a")).toBe("done");
    expect(say(drive, "approve", person("zoe"))).toBe("not-an-approver");
    handOn(drive, sre("a"), "user:zoe");
    say(drive, "approve", person("zoe"));
    expect(handOn(drive, sre("a"), "user:a")).toBe("already-decided");
    expect(approvalOf(drive).status).toBe("PENDING");
  });

  test("goes neither further nor to whoever must keep out, nor from whoever has none", () => {
    const drive = waiting(terms);
    expect(handOn(drive, sre("a"), "user:ana")).toBe("not-an-approver");
    expect(handOn(drive, person("eve"), "user:zoe")).toBe("not-an-approver");
    expect(handOn(drive, sre("a"), "team:sre")).toBe("invalid-transition");
    handOn(drive, sre("a"), "user:zoe");
    expect(handOn(drive, person("zoe"), "user:max")).toBe("not-an-approver");
    expect(handOn(waiting({ approvers: ["team:sre"] }), sre("a"), "user:zoe")).toBe("invalid-transition");
  });

  test("is worth nothing once its giver has left", () => {
    const drive = waiting(terms);
    handOn(drive, sre("a"), "user:zoe");
    const standings = isNow("user:a", person("a", { teams: [] }));
    expect(say(drive, "approve", person("zoe"), { standings })).toBe("not-an-approver");
  });

  test("does not give a person two", () => {
    const drive = waiting({ ...terms, quorum: 2 });
    handOn(drive, sre("a"), "user:b");
    say(drive, "approve", sre("b"));
    expect(say(drive, "approve", sre("b"))).toBe("already-decided");
    expect(approvalOf(drive).status).toBe("PENDING");
  });
});

describe("what is decided", () => {
  test("is what was shown: question, evidence, version and what follows", () => {
    const drive = waiting({ summaryPath: "what", onReject: { next: "go" }, onTimeout: "reject" });
    expect(approvalOf(drive).terms.consequence).toEqual({
      approved: {
        text: "go → the run ends",
        actions: [{ state: "go", type: "operation", agents: ["go"], task: "restart checkout" }],
      },
      rejected: expect.objectContaining({ text: "go → the run ends" }),
      expired: expect.objectContaining({ text: "go → the run ends" }),
    });
    expect(say(drive, "approve", person("ben"), { digest: "0".repeat(64) })).toBe("digest-mismatch");
    expect(say(drive, "approve", person("ben"), { digest: approvalOf(drive).digest })).toBe("done");
  });

  test.each([
    ["{{ ctx.said.comment }}", { resultPath: "said" }],
    ["{{ said.comment }}", { resultPath: "said.comment" }],
    ["{{ $.what }}", {}],
  ])("shows a task as written where it reads what the decision will bring: %s", (task, extra) => {
    const input = { what: "checkout", said: { comment: "an older word" } };
    const drive = new Drive(workflow([gate(extra), agent("go", undefined, { task })]), { input }).settle();
    expect(approvalOf(drive).terms.consequence?.approved.actions).toMatchObject([{ state: "go", task }]);
  });

  describe("shows a task as far as it is known where it reads why it would be refused", () => {
    const failing = agent("first", "gate", { onError: { next: "gate", resultPath: "why" } });
    const shown = (task: string) => {
      const before = gate({ transition: { next: "tell" }, onError: { next: "tell", resultPath: "why" } });
      const drive = new Drive(workflow([failing, before, agent("tell", undefined, { task })]), {
        agents: () => ({ status: "failed", error: finalError("agent", "BROKE", "the disk is full") }),
        evaluate: (_, scope) => ("why" in scope || "error" in scope ? "full" : "nothing"),
      });
      const { consequence } = approvalOf(drive.settle()).terms;
      const taskIn = (following?: Following) => following?.actions[0]?.task;
      return [consequence?.approved, consequence?.rejected, consequence?.expired].map(taskIn);
    };

    test.each(["{{ error.message }}", "{{ why.message }}"])("as a path: %s", (task) => {
      expect(shown(task)).toEqual(["the disk is full", task, task]);
    });

    test("in an expression", () => {
      expect(shown("{{ why or error }}")).toEqual(["full", "nothing", "nothing"]);
    });
  });

  test("differs by everything of it", () => {
    const digests = [
      waiting(),
      waiting({ message: "Stop?" }),
      waiting({ summaryPath: "what" }),
      waiting({ onReject: "cancel" }),
      waiting({}, { what: "billing" }),
    ].map((drive) => approvalOf(drive).digest);
    expect(new Set(digests).size).toBe(digests.length);
  });

  test("is nothing when the context or the record has changed since", () => {
    for (const change of ["context", "record"] as const) {
      const drive = waiting({ summaryPath: "what" });
      const approval = approvalOf(drive);
      const root = drive.run.branches[approval.branch];
      if (!root) throw new Error("no branch");
      drive.run =
        change === "context"
          ? { ...drive.run, branches: { [approval.branch]: { ...root, own: { what: "everything" } } } }
          : { ...drive.run, approvals: { [approval.id]: { ...approval, message: "Water the flowers?" } } };
      expect(say(drive, "approve", person("ben"), { digest: approval.digest })).toBe("digest-mismatch");
      expect(approvalOf(drive).status).toBe("PENDING");
    }
  });
});

describe("time", () => {
  const terms = {
    approvers: ["team:sre"],
    remindBeforeSeconds: 600,
    escalate: [
      { afterSeconds: 900, to: ["user:lead"], notify: "#sre" },
      { afterSeconds: 1800, to: ["user:cto"] },
      { afterSeconds: 9999, to: ["user:nobody"] },
    ],
  };
  const told = (drive: Drive) =>
    drive
      .events()
      .filter((event) => /reminded|escalated|expired/.test(event))
      .map((event) => event.split(" ")[0]);

  test("reminds and escalates once each, however often somebody looks", () => {
    const drive = waiting(terms);
    const look = () =>
      drive.send({ type: "advance", branch: approvalOf(drive).branch, starter: null, isOrphaned: false });
    drive.pass(899_999);
    expect(told(drive)).toEqual([]);
    drive.pass(1);
    for (let i = 0; i < 5; i++) look();
    expect(told(drive)).toEqual(["approval.escalated"]);
    expect(say(drive, "approve", person("cto"))).toBe("not-an-approver");
    drive.pass(900_000);
    for (let i = 0; i < 5; i++) look();
    expect(approvalOf(drive)).toMatchObject({ escalations: 2, escalatedTo: ["user:lead", "user:cto"] });
    drive.pass(1_200_000);
    for (let i = 0; i < 5; i++) look();
    expect(told(drive)).toEqual(["approval.escalated", "approval.escalated", "approval.reminded"]);
    drive.pass(600_000);
    expect(told(drive).at(-1)).toBe("approval.expired");
    expect(told(drive)).toHaveLength(4);
    expect(drive.run.lifecycle).toMatchObject({ status: "FAILED", error: { code: "APPROVAL_TIMEOUT" } });
    expect(foldOf(drive)).toEqual(drive.run);
  });

  test("brings everything that was missed at once, and no escalation after the end", () => {
    const drive = waiting(terms);
    drive.now += 3_599_000;
    drive.settle();
    expect(told(drive)).toEqual(["approval.escalated", "approval.escalated", "approval.reminded"]);
    const late = waiting(terms);
    late.now += 3_600_000;
    late.settle();
    expect(told(late)).toEqual(["approval.expired"]);
  });

  test.each(["reject", { next: "go" }] as const)(
    "decides what nobody decided: who had agreed by then has not rejected it (onTimeout: %j)",
    (onTimeout) => {
      const onReject = { next: "go" };
      const drive = waiting({ quorum: 2, onTimeout, onReject });
      expect(say(drive, "approve", person("ben"), { comment: "fine" })).toBe("done");
      drive.pass(3_600_000);
      expect(contextOf(drive.run, ROOT)["steps"]).toMatchObject({
        gate: {
          approved: false,
          decision: "expired",
          decidedBy: null,
          decidedAt: isoTime(drive.now),
          comment: null,
        },
      });
      const failed = drive.log.find(({ event }) => event.type === "step.failed")?.event;
      const timedOut = drive.log.find(({ event }) => event.type === "step.timed_out")?.event;
      expect([failed, timedOut]).toMatchObject(
        onTimeout === "reject"
          ? [{ error: { code: "REJECTED", message: 'approval "gate" was not decided in time' } }, undefined]
          : [undefined, { error: { code: "APPROVAL_TIMEOUT" } }],
      );
    },
  );

  test("lets whoever it was escalated to stand in for any group", () => {
    const drive = waiting({ ...terms, quorum: { "team:sre": 1 } });
    drive.pass(900_000);
    expect(say(drive, "approve", person("lead", { roles: ["viewer"] }))).toBe("done");
    expect(approvalOf(drive).status).toBe("APPROVED");
  });

  test("is said a tenth before the end when nothing is said about it, but not of what takes minutes", () => {
    expect(approvalOf(waiting()).terms.remindAt).toBe(1_700_000_000_000 + 3_240_000);
    expect(approvalOf(waiting({ timeoutSeconds: 300 })).terms.remindAt).toBeNull();
    expect(approvalOf(waiting({ remindBeforeSeconds: 0 })).terms.remindAt).toBeNull();
  });
});

test("gates of several branches are decided each by itself", () => {
  const both = workflow([
    {
      type: "parallel",
      name: "both",
      branches: [
        block("left", [gate({ transition: { end: true } })]),
        block("right", [gate({ transition: { end: true }, approvers: ["team:sre"] })]),
      ],
      join: "all",
      onBranchFailure: "cancel",
      transition: { end: true },
    },
  ]);
  const drive = new Drive(both).settle();
  const [left, right] = Object.values(drive.run.approvals);
  if (!left || !right) throw new Error("two gates were expected");
  expect(left.terms.consequence?.approved.text).toBe("branch left ends");
  const say = (approval: Approval, principal: Principal) =>
    drive.send({
      type: "decide-approval",
      approvalId: approval.id,
      decision: "approve",
      comment: null,
      digest: approval.digest,
      principal,
    });
  expect(say(left, person("ben"))).toBe("done");
  drive.settle();
  expect(drive.run.openApprovals).toBe(1);
  expect(say(right, person("ben"))).toBe("not-an-approver");
  expect(say(right, sre("kim"))).toBe("done");
  expect(drive.settle().run.lifecycle.status).toBe("COMPLETED");
});
