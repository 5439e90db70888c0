import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { DockerfileParser } from "dockerfile-ast";
import { describe, expect, it } from "vitest";
import { ENTRY, VARIABLES } from "../../infra/shared/runtime-contract.ts";
import { NAMES } from "../../src/main/environment-reader.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string) => readFileSync(root + path, "utf8");
const GUIDES = [
  "README.md",
  "deploy/README.md",
  "infra/README.md",
  "infra/ecs/README.md",
  "infra/cloudrun/README.md",
  "infra/fly/README.md",
];

/** The commands of a guide, each as its words; what follows a # is for people. */
function commandsOf(guide: string): readonly (readonly string[])[] {
  const blocks = [...read(guide).matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block ?? "");
  const lines = blocks.flatMap((block) => block.replace(/\s#.*$/gm, "").split("\n"));
  const commands = lines.flatMap((line) => line.split("&&")).map((line) => line.trim());
  // A variable before a command is not the command.
  return commands
    .map((command) =>
      command
        .split(/\s+/)
        .filter((word, index, all) => !/^[A-Z_]+=/.test(word) || all[0] === "export" || index > 3),
    )
    .filter(([program = ""]) => program !== "" && program !== "…");
}

function scriptsOf(path: string): Readonly<Record<string, string>> {
  return JSON.parse(read(path)).scripts;
}

/** What would make a command fail before it reaches a cloud; `null` for one that only a cloud can judge. */
const CHECKS: Readonly<Record<string, (words: readonly string[]) => void>> = {
  npm: (words) => {
    const [manifest, rest] =
      words[1] === "--prefix"
        ? [`${words[2]}/package.json`, words.slice(3)]
        : ["package.json", words.slice(1)];
    if (["ci", "start", "test"].includes(rest[0] ?? "")) return;
    const script = rest.slice(1).find((word) => !word.startsWith("-"));
    expect(scriptsOf(manifest)).toHaveProperty([script ?? ""]);
  },
  docker: (words) => {
    for (const [index, word] of words.entries()) {
      if (word === "-f") expect(existsSync(root + words[index + 1])).toBe(true);
      if (word !== "--target") continue;
      const stages = DockerfileParser.parse(read("deploy/Dockerfile")).getFROMs();
      expect(stages.map((from) => from.getBuildStage())).toContain(words[index + 1]);
    }
  },
  npx: ([, tool, command]) => {
    if (tool === "cdk") return expect(scriptsOf("infra/package.json")["synth"]).toContain("cdk synth");
    expect(tool).toBe("stn");
    const known = readdirSync(`${root}src/cli/commands`).map((file) => read(`src/cli/commands/${file}`));
    expect(
      known.some((text) => text.includes(`.command("${command}`) || text.includes(`"${command}"`)),
      command,
    ).toBe(true);
  },
  node: ([, file = ""]) => expect(existsSync(root + file)).toBe(true),
  cp: ([, from = ""]) => expect(existsSync(root + from)).toBe(true),
  cat: (words) => expect(existsSync(root + dirname(words[words.indexOf(">") + 1] ?? ""))).toBe(true),
  cd: ([, folder = ""]) => expect(existsSync(root + folder)).toBe(true),
  fly: (words) => {
    const at = words.indexOf("--config");
    if (at !== -1) expect(existsSync(root + words[at + 1])).toBe(true);
  },
  export: (words) => {
    for (const word of words.slice(1)) expect(NAMES).toContain(word.split("=")[0]);
  },
  openssl: () => {},
  aws: () => {},
  gcloud: () => {},
  pulumi: () => {},
};

describe.each(GUIDES)("%s", (guide) => {
  it("has no command that could not work: scripts, files, targets and subcommands are there", () => {
    for (const words of commandsOf(guide)) {
      const check = CHECKS[words[0] ?? ""];
      expect([words.join(" "), typeof check]).toEqual([words.join(" "), "function"]);
      check?.(words);
    }
  });

  it("names only variables that there are", () => {
    const named = [...read(guide).matchAll(/`?((?:STATION|OTEL)_[A-Z_]*[A-Z])(?![A-Z_]*…)/g)].map(
      ([, name]) => name as string,
    );
    for (const name of named) expect([guide, NAMES]).toEqual([guide, expect.arrayContaining([name])]);
  });

  it("links to what is there", () => {
    const folder = guide.replace(/[^/]+$/, "");
    for (const [, target = ""] of read(guide).matchAll(/\]\((?!https?:|#)([^)#]+)/g))
      expect([target, existsSync(root + folder + target)]).toEqual([target, true]);
  });
});

it("every platform's guide goes from nothing to a run, and says what it costs, how it grows and how it goes back", () => {
  for (const platform of ["ecs", "cloudrun", "fly"]) {
    const text = read(`infra/${platform}/README.md`);
    for (const part of ["From nothing to a run", "Upgrade", "Rollback", "Scaling", "Costs"])
      expect(text).toContain(part);
    expect(text).toContain("npx stn run incident-triage");
    expect(text).toContain("Not done by any test");
  }
  expect(Object.values(ENTRY)).toContain("migrate.mjs");
  expect(VARIABLES).toHaveProperty("STATION_API_TOKEN");
});
