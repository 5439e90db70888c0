import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadAgents } from "./agents.ts";
import { listEnvironments, readEnvironment } from "./environments.ts";

let root = "";

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "environments-"));
  for (const folder of ["agents", "mcp-servers", "workflows"])
    await mkdir(join(root, "default", folder), { recursive: true });
});

afterEach(() => rm(root, { recursive: true }));

const write = (path: string, content: string | Uint8Array) => writeFile(join(root, "default", path), content);
const link = (target: string, path: string) => symlink(target, join(root, "default", path));

/** Path and text, or path and what is wrong with the file. */
async function found(kinds?: Parameters<typeof readEnvironment>[1]) {
  const files = await readEnvironment(join(root, "default"), kinds);
  return files.map((file) => [
    file.path,
    "text" in file ? file.text : `${file.problem.severity}: ${file.problem.message}`,
  ]);
}

test("agents, MCP servers and workflows are found by folder and ending, sorted", async () => {
  await write("workflows/b.workflow.yml", "b");
  await write("workflows/a.workflow.json", "a");
  await write("workflows/c.workflow.yaml", "c");
  await write("workflows/README.md", "not this");
  await write("workflows/.hidden.workflow.yaml", "nor this");
  await write("agents/x.prompt", "x");
  await write("mcp-servers/m.json", "{}");
  expect(await found()).toEqual([
    ["agents/x.prompt", "x"],
    ["mcp-servers/m.json", "{}"],
    ["workflows/a.workflow.json", "a"],
    ["workflows/b.workflow.yml", "b"],
    ["workflows/c.workflow.yaml", "c"],
  ]);
  expect(await found(["agent"])).toEqual([["agents/x.prompt", "x"]]);
});

test("a file that cannot be read is named and hides no other", async () => {
  await write("workflows/large.workflow.yaml", "x".repeat(1_000_001));
  await write("workflows/latin.workflow.yaml", Uint8Array.of(0x61, 0x0a, 0xe4, 0x0a));
  await write("workflows/utf16.workflow.yaml", Uint8Array.of(0xff, 0xfe, 0x61, 0x00));
  await write("workflows/bom.workflow.yaml", "\uFEFFid: x");
  await write("workflows/misnamed.yaml", "x");
  await mkdir(join(root, "default", "workflows/folder.workflow.yaml"));
  await write("workflows/zz.workflow.yaml", "fine");
  expect(await found()).toEqual([
    ["workflows/bom.workflow.yaml", "id: x"],
    ["workflows/folder.workflow.yaml", "error: this is not a regular file"],
    ["workflows/large.workflow.yaml", "error: 1000001 bytes are more than the 1000000 allowed"],
    ["workflows/latin.workflow.yaml", "error: the file is not valid UTF-8"],
    ["workflows/misnamed.yaml", "warning: the file is ignored because of its name"],
    ["workflows/utf16.workflow.yaml", "error: the file is UTF-16"],
    ["workflows/zz.workflow.yaml", "fine"],
  ]);
  const [latin] = (await readEnvironment(join(root, "default"))).filter(({ path }) => path.includes("latin"));
  expect(latin).toMatchObject({ problem: { code: "ENCODING", line: 2 } });
});

test("links are followed within the environment only", async () => {
  await writeFile(join(root, "secret"), "secret");
  await write("agents/a.prompt", "a");
  await link("a.prompt", "agents/inside.prompt");
  await link("../../secret", "agents/outside.prompt");
  await link("/etc/hostname", "agents/absolute.prompt");
  await link("loop.prompt", "agents/loop.prompt");
  await link("nowhere", "agents/broken.prompt");
  expect(await found()).toEqual([
    ["agents/a.prompt", "a"],
    ["agents/absolute.prompt", "error: the link leads out of the environment"],
    ["agents/broken.prompt", "error: the link leads nowhere"],
    ["agents/inside.prompt", "a"],
    ["agents/loop.prompt", "error: the link leads in a circle"],
    ["agents/outside.prompt", "error: the link leads out of the environment"],
  ]);
});

test("a folder that is a link out of the environment is refused", async () => {
  await mkdir(join(root, "elsewhere"));
  await writeFile(join(root, "elsewhere", "a.prompt"), "a");
  await rm(join(root, "default", "agents"), { recursive: true });
  await link("../elsewhere", "agents");
  expect(await found()).toEqual([["agents", "error: the link leads out of the environment"]]);
});

test.runIf(process.getuid?.() !== 0)("a file without permission is named", async () => {
  await write("agents/a.prompt", "a");
  await chmod(join(root, "default", "agents/a.prompt"), 0);
  expect(await found()).toEqual([["agents/a.prompt", "error: there is no permission to read it"]]);
});

test("environments are the folders below the root; what does not exist is empty", async () => {
  await mkdir(join(root, "staging"));
  await mkdir(join(root, ".git"));
  await writeFile(join(root, "README.md"), "");
  expect(await listEnvironments(root)).toEqual(["default", "staging"]);
  expect(await listEnvironments(join(root, "nowhere"))).toEqual([]);
  expect(await readEnvironment(join(root, "staging"))).toEqual([]);
  expect(await readEnvironment(join(root, "nowhere"))).toEqual([]);
});

test.each(["..", ".", "../default", "a/b", "", ".git"])("%j is no environment", async (name) => {
  await write("agents/a.prompt", "a");
  expect(await loadAgents(join(root, "default"), name)).toEqual({ agents: [], problems: [] });
});

test("agents are loaded with what is wrong with the others", async () => {
  await write("agents/good.prompt", "---\nmodel: x\nmodle: y\n---\nbody");
  await write("agents/bad.prompt", "no frontmatter");
  await write("agents/latin.prompt", Uint8Array.of(0xe4));
  const { agents, problems } = await loadAgents(root, "default");
  expect(agents.map(({ name, warnings }) => [name, warnings.length])).toEqual([["good", 1]]);
  expect(problems.map(({ file, code }) => [file, code])).toEqual([
    ["agents/bad.prompt", "SYNTAX"],
    ["agents/latin.prompt", "ENCODING"],
  ]);
});

test("two agents that claim one spelling are both named", async () => {
  await write("agents/pod-checker.prompt", "---\nmodel: x\n---\nbody");
  await write("agents/other.prompt", "---\nname: Pod Checker\n---\nbody");
  const { problems } = await loadAgents(root, "default");
  expect(problems.map(({ file, message }) => [file, message])).toEqual([
    ["agents/other.prompt", 'the agent answers to "pod-checker", and so does agents/pod-checker.prompt'],
    ["agents/pod-checker.prompt", 'the agent answers to "pod-checker", and so does agents/other.prompt'],
  ]);
});
