import { describe, expect, test } from "vitest";
import type { Vouched } from "../../../src/engine/ports/people.ts";
import { AT } from "./given.ts";
import type { Subject } from "./subject.ts";

const DAY = 86_400_000;
const word = (user: string, at: number, groups: readonly string[], access: Vouched["access"] = null) => ({
  ...{ identity: { user, name: "Ana", groups }, at, access },
});

/** What is kept of the identity provider's word on people. */
export function peopleContract(subject: () => Subject): void {
  const vouched = () => subject().store.vouched;
  const groupsOf = async (user: string) =>
    (await vouched().find([user])).map(({ identity }) => identity.groups);

  describe("the identity provider's word on somebody", () => {
    test("is found as it was said, and nobody else's with it", async () => {
      const ana = word("ana@example.com", AT, ["sre", 'a "group"'], { sealed: "v1.x", until: AT + 5 });
      await vouched().keep(ana);
      await vouched().keep(word("ben@example.com", AT, []));
      expect(await vouched().find(["ana@example.com", "eve@example.com"])).toEqual([ana]);
      expect(await vouched().find([])).toEqual([]);
      expect(await vouched().find(["ana%", "' or 1 = 1 --"])).toEqual([]);
    });

    test("is the newest one, in whatever order they come and however often", async () => {
      const words = [3, 1, 2, 3].map((late) => word("ana@example.com", AT + late, [`g${late}`]));
      for (const one of words) {
        await vouched().keep(one);
        expect(await groupsOf("ana@example.com")).toEqual([["g3"]]);
      }
    });

    test("is the newest one also when several processes hear one each at the same moment", async () => {
      const other = (await subject().other?.()) ?? subject().store;
      const words = [4, 9, 2, 7, 5, 1].map((late) => word("ana@example.com", AT + late, [`g${late}`]));
      await Promise.all(words.map((one, i) => (i % 2 ? other.vouched : vouched()).keep(one)));
      const [heard] = await other.vouched.find(["ana@example.com"]);
      if (other !== subject().store) await other.close();
      expect(heard?.identity.groups).toEqual(["g9"]);
      expect(await groupsOf("ana@example.com")).toEqual([["g9"]]);
    });

    test("is one word however their name is written, also beyond ASCII", async () => {
      await vouched().keep(word("ÄNN@example.com", AT, ["sre"]));
      await vouched().keep(word("änn@Example.com", AT + 1, ["sales"]));
      for (const spelling of ["ÄNN@example.com", "änn@example.com", "ÄNN@EXAMPLE.COM"])
        expect(await groupsOf(spelling)).toEqual([["sales"]]);
    });

    test("leaves the token that was there when it comes without one, and an older token changes nothing", async () => {
      const access = (name: string) => ({ sealed: `v1.${name}`, until: AT + DAY });
      const accessNow = async () => (await vouched().find(["ana@example.com"]))[0]?.access;
      await vouched().keep(word("ana@example.com", AT + 1, [], access("first")));
      await vouched().keep(word("ana@example.com", AT + 2, []));
      expect(await accessNow()).toEqual(access("first"));
      await vouched().keep(word("ana@example.com", AT, [], access("older")));
      expect(await accessNow()).toEqual(access("first"));
      await vouched().keep(word("ana@example.com", AT + 3, [], access("newer")));
      expect(await accessNow()).toEqual(access("newer"));
    });

    test("is forgotten when they have not come in for ninety days", async () => {
      await vouched().keep(word("ana@example.com", AT, ["sre"]));
      await vouched().keep(word("ben@example.com", AT + 90 * DAY, []));
      expect(await groupsOf("ana@example.com")).toEqual([["sre"]]);
      await vouched().keep(word("ben@example.com", AT + 90 * DAY + 1, []));
      expect(await groupsOf("ana@example.com")).toEqual([]);
    });
  });
}
