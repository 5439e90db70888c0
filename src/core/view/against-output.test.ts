import { expect, it } from "vitest";
import { outputMismatch } from "../agent/misfits.ts";
import { againstOutput } from "./against-output.ts";

const misfit = (pointer: string, message: string) => ({ pointer, message, keyword: "type" });

it("says where an output first breaks its schema, and how many more there are", () => {
  const missing = misfit("/by", '"by" is missing');
  expect(againstOutput([outputMismatch([missing])])).toBe(
    'its output does not match the workflow\'s schema: /by: "by" is missing',
  );
  expect(againstOutput([outputMismatch([misfit("", "must be object"), missing])])).toBe(
    "its output does not match the workflow's schema: must be object (and 1 more)",
  );
});

it.each([[undefined], [[]], [null], [["purged"]]])("says nothing of %j", (warnings) => {
  expect(againstOutput(warnings)).toBeNull();
});
