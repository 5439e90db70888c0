// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables are written like this
import { expect, test } from "vitest";
import { fillVariables, parseVariables, requiredVariables } from "./variables.ts";

const values: Readonly<Record<string, string>> = {
  HOST: "db.local",
  EMPTY: "",
  TRICKY: "{{ .HOST }} ${HOST}",
};

function fill(text: string) {
  const found = { missing: new Set<string>(), values: new Map<string, string>() };
  const filled = fillVariables(text, (name) => values[name], found);
  return { filled, missing: [...found.missing] };
}

test.each([
  ["{{ .HOST }}", "db.local"],
  ["{{.HOST}}:5432", "db.local:5432"],
  ["{{- .HOST -}}", "db.local"],
  ["${HOST}/a/${env:HOST}", "db.local/a/db.local"],
  ['{{ .PORT | default "54\\"32" }}', '54"32'],
  ["{{ .PORT | default '5432' }}", "5432"],
  ["{{ .PORT | default 5432 }}", "5432"],
  ["${PORT:-5432}", "5432"],
  ["${PORT:-}", ""],
  ['{{ .HOST | default "x" }}', "db.local"],
  ["[{{ .EMPTY }}]", "[]"],
  ["$HOME costs $5 {x} }}", "$HOME costs $5 {x} }}"],
])("%s becomes %s", (text, filled) => {
  expect(fill(text)).toEqual({ filled, missing: [] });
});

test("a value is never expanded again", () => {
  expect(fill("{{ .TRICKY }}").filled).toBe("{{ .HOST }} ${HOST}");
});

test("every missing variable is named", () => {
  expect(fill("{{ .A }} {{ .HOST }} ${B} {{ .A }}")).toMatchObject({ missing: ["A", "B"] });
  expect(requiredVariables('{{ .A }} ${B:-x} {{ .C | default "" }}')).toEqual(["A"]);
});

test.each([
  ["{{ HOST }}", 0],
  ["ok {{ .HOST }} {{ if .X }}", 15],
  ["{{ .HOST | upper }}", 0],
  ["${input:token}", 0],
  ["${}", 0],
])("%s is refused where it stands", (text, offset) => {
  expect(parseVariables(text)).toMatchObject({ ok: false, offset });
});
