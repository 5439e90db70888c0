import { type Command, Option } from "commander";
import { mermaidOf } from "../../core/definition/drawing/mermaid.ts";
import { type OutlineLine, outlineOf } from "../../core/definition/drawing/outline.ts";
import { WORKFLOW_FILE } from "../../core/definition/file-name.ts";
import type { Definition } from "../../core/definition/types.ts";
import { action, type Cli } from "../action.ts";
import { EXIT, type ExitCode } from "../errors.ts";
import { textOf } from "../files.ts";
import { versionNumber } from "../options.ts";
import { frame } from "../output/frame.ts";
import { printValue } from "../output/print.ts";
import { requiredArgument, roomOf, type Session } from "../session.ts";
import type { Look } from "../terminal/look.ts";
import { clean, oneLine, pad, shorten, textWidth } from "../terminal/text.ts";

type Options = { readonly format: "text" | "mermaid"; readonly version?: number };

/** `workflow graph`: a workflow of the server, or a file, as a picture. */
export function addGraphCommand(group: Command, cli: Cli): void {
  group
    .command("graph <id|file>")
    .summary("draw a workflow, here or as Mermaid")
    .addOption(
      new Option("--format <format>", "how it is drawn").choices(["text", "mermaid"]).default("text"),
    )
    .option("--version <n>", "this version instead of the current one", versionNumber)
    .action(action<Options>(cli, graph));
}

async function graph(session: Session, options: Options, given?: string): Promise<ExitCode> {
  const asked = requiredArgument(given);
  const definition = WORKFLOW_FILE.test(asked)
    ? await ofFile(session, asked)
    : await stored(session, asked, options);
  if (definition === null) return EXIT.findings;
  if (session.format !== "table" && session.format !== "id") {
    printValue(
      session,
      { id: definition.id, mermaid: mermaidOf(definition), outline: outlineOf(definition) },
      () => "",
    );
    return EXIT.ok;
  }
  const { look } = session.out;
  session.write(
    options.format === "mermaid"
      ? clean(mermaidOf(definition))
      : `${drawn(outlineOf(definition), look, session.out.width()).join("\n")}\n`,
  );
  return EXIT.ok;
}

async function ofFile(session: Session, given: string): Promise<Definition | null> {
  const text = await textOf(session, given);
  const source = { text, format: given.endsWith(".json") ? "json" : "yaml", file: given } as const;
  const { definition, diagnostics } = session.deps.readDefinition(source);
  const { look, output } = session.err;
  if (!definition)
    for (const one of diagnostics) output.write(frame({ file: given, text }, one, look, roomOf(session.err)));
  return definition;
}

async function stored({ client, signal, environment }: Session, id: string, { version }: Options) {
  const query = environment === null ? {} : { environment };
  const workflow =
    version === undefined
      ? await client.getWorkflow({ params: { id }, query, signal })
      : await client.getWorkflowVersion({ params: { id, version }, query, signal });
  return workflow.definition;
}

function drawn(lines: readonly OutlineLine[], look: Look, columns: number): readonly string[] {
  const left = Math.min(
    Math.max(...lines.map(({ kind, rail, text }) => (kind === "state" ? textWidth(rail + text) + 2 : 0))),
    Math.floor(columns * 0.6),
  );
  return lines.map((line) => drawnLine(line, left, look, columns));
}

function drawnLine(
  { rail, kind, text, detail }: OutlineLine,
  left: number,
  look: Look,
  columns: number,
): string {
  const rails = look.paint("dim", look.typeset(rail));
  const room = columns - textWidth(rail);
  const short = (words: string, width: number) => shorten(oneLine(words), Math.max(4, width), look.ellipsis);
  switch (kind) {
    case "state": {
      const sign = look.typeset("● ");
      const name = pad(short(text, room - 2), Math.max(0, left - textWidth(rail) - 2));
      const rest = columns - textWidth(rail) - 2 - textWidth(name) - 2;
      return `${rails}${look.paint("blue", sign)}${look.paint("bold", name)}  ${look.paint("dim", short(detail, rest))}`.trimEnd();
    }
    case "way": {
      const goal = detail === "" ? "" : ` ${look.typeset("→")} ${detail}`;
      return `${rails}${look.paint("cyan", short(text, room - textWidth(goal)))}${look.paint("bold", goal)}`;
    }
    case "jump":
      return `${rails}${look.typeset("→")} ${text}`;
    case "end":
      return `${rails}${look.paint("dim", look.typeset("○ end"))}`;
  }
}
