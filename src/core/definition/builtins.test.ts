import { expect, test } from "vitest";
import { builtinArguments } from "./builtins.ts";

test.each<[string, string, readonly (readonly [string, number])[]]>([
  ["an argument", "str(type)", [["type", 4]]],
  ["one in brackets", "str((type))", [["type", 5]]],
  ["one by its name", "dict(key = max)", [["max", 11]]],
  ["one that is taken apart", "dict(**hash)", [["hash", 7]]],
  ["one of a method", 'name.get(list, "none")', [["list", 9]]],
  [
    "some on other lines",
    "max(len(list),\n  min\n)",
    [
      ["list", 8],
      ["min", 17],
    ],
  ],
  ["one behind a text", `str("a(b" + 'c', type)`, [["type", 17]]],
  ["what is called", "type(x) + max(1, 2)", []],
  ["what is compared", 'type == "error" and not (list)', []],
  ["what is read from", "len(list.items) + len(list[0]) + max(sum + 1, 2)", []],
  ["what is an item", "len([list, min])", []],
  ["the function that a sorting goes by", "sorted(names, key = len)", []],
  ["a loop's own name", "[len(list) for list in lists]", []],
  ["an assigned name", "list = [1]\nlen(list)", []],
  ["a parameter", "def size(list):\n  return len(list)\nsize(names) + (lambda type: str(type))(1)", []],
  ["a text, and what is said beside it", '"str(type)" # len(list)', []],
])("of builtins as arguments, %s: %s", (_what, text, found) => {
  expect(builtinArguments(text).map(({ name, offset }) => [name, offset])).toEqual(found);
});
