import { expect, test } from "vitest";
import { liveThrough } from "../../../test/support/mortal-agents.ts";

test.each(Array.from({ length: 30 }, (_, index) => index + 1))(
  "agents whose workers die anywhere come to an end, and call nothing twice or without leave: world %i",
  async (seed) => {
    const { made, allowed } = await liveThrough(seed);
    expect([...made].filter(([args, times]) => times > 1 || !allowed.has(args))).toEqual([]);
  },
);
