import type { PlacedTestResult, TestFileResult } from "../../engine/rehearsal/run-test-file.ts";
import type { Look } from "../terminal/look.ts";
import { clean } from "../terminal/text.ts";
import { duration } from "../terminal/time.ts";
import { frame } from "./frame.ts";

/** What came of one test file; `text` is it as it was read. */
export type TestFileReport = TestFileResult & { readonly file: string; readonly text: string };

/** A test file's results for people: a line per test, and below a failed one what was different and where; `room`: cells of a line. */
export function testFileLines(
  report: TestFileReport,
  look: Look,
  room: number,
  isVerbose: boolean,
): readonly string[] {
  const { file, text, diagnostics, tests } = report;
  return [
    look.paint("bold", clean(file)),
    ...diagnostics.map((one) => {
      const source = one.file === file ? text : null;
      return frame({ file: one.file, text: source }, one, look, room).trimEnd();
    }),
    ...tests.flatMap((test) => testLines(file, test, look, isVerbose)),
  ];
}

function testLines(file: string, test: PlacedTestResult, look: Look, isVerbose: boolean): readonly string[] {
  const { name, passed, mismatches, outturn, durationMs } = test;
  const skipped = outturn && outturn.tookMs > 0 ? `, ${duration(outturn.tookMs)} skipped` : "";
  const glyph = look.glyph(passed ? "SUCCEEDED" : "FAILED");
  const head = `  ${glyph} ${clean(name)}  ${look.paint("dim", `${durationMs} ms${skipped}`)}`;
  const path =
    outturn && (isVerbose || !passed) ? [pathLine(outturn.paths[""] ?? [], outturn.status, look)] : [];
  return [head, ...mismatches.flatMap((one) => mismatchLines(file, one, look)), ...path];
}

function mismatchLines(
  file: string,
  { line, column, message, hint, diff = [] }: PlacedTestResult["mismatches"][number],
  look: Look,
): readonly string[] {
  const place = look.paint("bold", `${clean(file)}:${line}:${column}`);
  const signed = diff.map(({ sign, text }) => {
    const shown = `      ${sign} ${clean(text)}`;
    return sign === " " ? look.paint("dim", shown) : look.paint(sign === "-" ? "red" : "green", shown);
  });
  const legend = diff.length > 0 ? [look.paint("dim", "      - expected  + what happened")] : [];
  return [
    `    ${place} ${clean(message)}`,
    ...signed,
    ...legend,
    ...(hint === undefined ? [] : [look.paint("dim", `      ${clean(hint)}`)]),
  ];
}

function pathLine(path: readonly string[], status: string, look: Look): string {
  return look.paint("dim", `    path: ${[...path, status].map(clean).join(" → ")}`);
}
