import { expect, test } from "vitest";
import { parseTemplate } from "./template.ts";

const DOLLAR = "$";

test("a text's templates are found in the order they stand, whichever way they are written", () => {
  const text = `{{ a }} and ${DOLLAR}{b} $.c {{ {'}}': 1} }}${DOLLAR}{ d }`;
  const { parts } = parseTemplate(text) as Extract<ReturnType<typeof parseTemplate>, { ok: true }>;
  expect(parts.map((part) => [part.kind, part.text])).toEqual([
    ["path", "a"],
    ["text", " and "],
    ["path", "b"],
    ["text", " $.c "],
    ["expression", "{'}}': 1}"],
    ["path", "d"],
  ]);
});

test("a text of hundreds of thousands of templates keeps nobody waiting", () => {
  const parsed = parseTemplate(`${DOLLAR}{ a } `.repeat(200_000));
  expect(parsed.ok && parsed.parts.length).toBe(400_000);
});
