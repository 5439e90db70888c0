import { existsSync, readFileSync } from "node:fs";
import { matchesGlob } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Copy,
  DockerfileParser,
  type From,
  type Healthcheck,
  type Instruction,
  JSONInstruction,
} from "dockerfile-ast";
import { ValidationSeverity, validate } from "dockerfile-utils";
import { describe, expect, it } from "vitest";
import { ENTRY, IMAGE, IMAGE_ENV, PORTS, STOP_SIGNAL } from "../../infra/shared/runtime-contract.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const text = readFileSync(`${root}deploy/Dockerfile`, "utf8");
const dockerfile = DockerfileParser.parse(text);

/** A stage with all that it inherits from earlier stages, base first. */
function stage(name: string): readonly Instruction[] {
  const instructions = dockerfile.getInstructions();
  const froms = dockerfile.getFROMs();
  const from = froms.find((candidate) => candidate.getBuildStage() === name) as From;
  const start = instructions.indexOf(from);
  const next = instructions.findIndex((one, index) => index > start && one.getKeyword() === "FROM");
  const own = instructions.slice(start + 1, next === -1 ? undefined : next);
  const parent = froms.find((candidate) => candidate.getBuildStage() === from.getImage());
  return parent ? [...stage(parent.getBuildStage() as string), ...own] : own;
}

function last<T extends Instruction = Instruction>(name: string, keyword: string): T {
  const found = stage(name).findLast((instruction) => instruction.getKeyword() === keyword);
  if (!found) throw new Error(`${name} has no ${keyword}`);
  return found as T;
}

/** The strings of an exec form; fails for a shell form, which needs a shell that is not there. */
function exec(instruction: Instruction): readonly string[] {
  expect(instruction).toBeInstanceOf(JSONInstruction);
  const strings = (instruction as JSONInstruction).getJSONStrings().map((one) => one.getJSONValue());
  expect(strings.length, instruction.toString()).toBeGreaterThan(0);
  return strings;
}

function variables(name: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const instruction of stage(name).filter((one) => one.getKeyword() === "ENV"))
    for (const [, key, value] of instruction.getRawArgumentsContent()?.matchAll(/(\w+)="([^"]*)"/g) ?? [])
      found[key as string] = value as string;
  return found;
}

it("a linter finds nothing to say", () => {
  const problems = validate(text).filter(({ severity }) => severity !== ValidationSeverity.WARNING);
  expect(problems.map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
});

it("the version of node is exactly the one that everything was tested with", () => {
  const { devDependencies } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  const images = dockerfile.getInitialARGs().map((arg) => arg.getProperty()?.getValue());
  expect(images).toEqual([
    `node:${devDependencies.node}-bookworm`,
    `node:${devDependencies.node}-bookworm-slim`,
  ]);
});

it("what docker builds by default is the API", () => {
  expect(dockerfile.getFROMs().at(-1)?.getBuildStage()).toBe("api");
});

describe.each(["api", "worker", "migrate", "runtime-full"])("target %s", (name) => {
  it("runs as nobody in particular, by number, so that a platform can check it", () => {
    expect(last(name, "USER").getArgumentsContent()).toBe(`${IMAGE.user}:${IMAGE.user}`);
  });

  it("is told to stop as Station expects it, and gets the signal itself", () => {
    expect(last(name, "STOPSIGNAL").getArgumentsContent()).toBe(STOP_SIGNAL);
    expect(exec(last(name, "ENTRYPOINT"))).toHaveLength(1);
    const program = name === "runtime-full" ? "worker" : (name as keyof typeof ENTRY);
    expect(exec(last(name, "CMD"))).toEqual([ENTRY[program]]);
  });

  it("sets what the platforms rely on, and no more than that", () => {
    const { NODE_OPTIONS, ...own } = variables(name);
    expect(own).toEqual(IMAGE_ENV);
    expect(NODE_OPTIONS).toContain("--enable-source-maps");
    expect(last(name, "EXPOSE").getArgumentsContent()).toBe(`${PORTS.http} ${PORTS.admin}`);
    expect(last(name, "WORKDIR").getArgumentsContent()).toBe(IMAGE.directory);
  });
});

it.each([
  ["api", IMAGE.node],
  ["worker", IMAGE.node],
  ["runtime-full", "node"],
])("the engine can ask %s for its health without a shell or curl", (name, node) => {
  const healthcheck = last<Healthcheck>(name, "HEALTHCHECK");
  expect(healthcheck.getSubcommand()?.getValue()).toBe("CMD");
  expect(healthcheck.getRawArgumentsContent()).toContain(`CMD ["${node}", "${ENTRY.healthcheck}"]`);
});

it("the images that run hold no layer of another's making", () => {
  const runtime = dockerfile.getFROMs().find((from) => from.getBuildStage() === "runtime");
  expect(runtime?.getImage()).toBe("scratch");
});

describe(".dockerignore", () => {
  const patterns = readFileSync(`${root}.dockerignore`, "utf8").trim().split("\n");
  const isIn = (path: string) =>
    patterns.reduce((included, pattern) => {
      const glob = pattern.replace(/^!/, "");
      return glob === "**" || matchesGlob(path, glob) || path.startsWith(`${glob}/`)
        ? pattern.startsWith("!")
        : included;
    }, true);

  it("lets in what is listed and nothing else", () => {
    expect(patterns[0]).toBe("**");
    for (const path of [
      ".env",
      ".git/config",
      "node_modules/x/index.js",
      "dist/image/api.mjs",
      "secrets.json",
    ])
      expect([path, isIn(path)]).toEqual([path, false]);
    for (const path of [
      "deploy/build.ts",
      "deploy/rootfs.ts",
      "infra/shared/runtime-contract.ts",
      "src/main/api.ts",
    ])
      expect([path, isIn(path)]).toEqual([path, true]);
  });

  it("lets in everything that the build copies", () => {
    const sources = dockerfile
      .getCOPYs()
      .filter((copy: Copy) => copy.getFromFlag() === null)
      .flatMap((copy) =>
        copy
          .getArguments()
          .slice(0, -1)
          .map((argument) => argument.getValue()),
      )
      .filter((source) => source !== ".");
    expect(sources).toEqual(["package.json", "package-lock.json"]);
    for (const source of sources) {
      expect(isIn(source)).toBe(true);
      expect(existsSync(root + source)).toBe(true);
    }
  });
});
