// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables are written like this
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { loadMcpServers, mcpFilesVersion } from "./mcp-servers.ts";

const roots: string[] = [];
afterEach(async () => {
  for (const root of roots.splice(0)) await rm(root, { recursive: true });
});

async function given(files: Readonly<Record<string, unknown>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "station-servers-"));
  roots.push(root);
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, "default", name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, typeof content === "string" ? content : JSON.stringify(content, null, 2));
  }
  return root;
}

const load = async (files: Readonly<Record<string, unknown>>) =>
  loadMcpServers(await given(files), "default");
const one = (server: unknown) => ({ "mcp-servers/a.json": { mcpServers: { kube: server } } });

describe("server files", () => {
  test("are read in both forms, over stdio and at an address", async () => {
    const { servers, problems } = await load({
      "mcp-servers/a.json": {
        name: "Kubernetes",
        description: "what the file is for",
        mcpServers: {
          kube: {
            command: "npx",
            args: ["-y", "kube-mcp", ""],
            env: { KUBECONFIG: "{{ .KUBECONFIG }}", PORT: 8080 },
            description: "pods",
          },
        },
        metadata: { anything: [1] },
      },
      "mcp-servers/b.json": {
        servers: {
          far: {
            type: "http",
            url: "https://example.com/mcp",
            headers: { "X-Key": `\${KEY}` },
            disabled: true,
          },
        },
      },
      "mcp-servers/notes.txt": "not ours",
      "variables.yml": "KUBECONFIG: /etc/kube\nKEY: 'a: \"b\"'\nPORT: 5432\nON: true\n",
    });
    expect(problems).toEqual([]);
    expect(servers).toEqual([
      {
        name: "kube",
        file: "mcp-servers/a.json",
        place: expect.objectContaining({ line: 5, column: 5 }),
        description: "pods",
        transport: {
          kind: "stdio",
          command: "npx",
          args: ["-y", "kube-mcp", ""],
          env: { KUBECONFIG: "{{ .KUBECONFIG }}", PORT: "8080" },
          cwd: null,
        },
        timeoutSeconds: null,
        disabled: false,
      },
      expect.objectContaining({
        name: "far",
        disabled: true,
        transport: { kind: "http", url: "https://example.com/mcp", headers: { "X-Key": `\${KEY}` } },
      }),
    ]);
  });

  test.each([
    [{}, "MISSING_KEY", 'needs "command" or "url"', "/mcpServers/kube"],
    [{ comand: "npx" }, "UNKNOWN_KEY", 'has no key "comand"', "/mcpServers/kube/comand"],
    [{ command: "npx", args: "-y kube" }, "WRONG_TYPE", "must be a list of texts", "/mcpServers/kube/args"],
    [{ command: "npx", args: [1] }, "WRONG_TYPE", "must be text, not a number", "/mcpServers/kube/args/0"],
    [
      { command: "npx", env: { A: {} } },
      "WRONG_TYPE",
      '"A" of MCP server "kube" must be text',
      "/mcpServers/kube/env/A",
    ],
    [{ command: "npx", env: { "A B": "x" } }, "INVALID_NAME", '"A B" in "env"', "/mcpServers/kube/env/A B"],
    [
      { command: "npx", url: "http://x" },
      "CONFLICTING_KEYS",
      'has both "command" and "url"',
      "/mcpServers/kube/url",
    ],
    [
      { url: "http://x", env: {} },
      "CONFLICTING_KEYS",
      'is for servers with "command"',
      "/mcpServers/kube/env",
    ],
    [{ url: "ftp://x" }, "INVALID_VALUE", "must be an http:// or https:// address", "/mcpServers/kube/url"],
    [{ url: "http://x", type: "sse" }, "UNSUPPORTED", "no longer spoken", "/mcpServers/kube/type"],
    [
      { command: "npx", args: ["{{ TOKEN }}"] },
      "TEMPLATE_SYNTAX",
      "is no variable",
      "/mcpServers/kube/args/0",
    ],
    [
      { command: "npx", timeoutSeconds: 0 },
      "WRONG_TYPE",
      "from 1 to 3600",
      "/mcpServers/kube/timeoutSeconds",
    ],
    ["npx", "WRONG_TYPE", "must be a map, not text", "/mcpServers/kube"],
  ])("%j: %s", async (server, code, message, path) => {
    const { servers, problems } = await load(one(server));
    expect(servers).toEqual([]);
    const found = problems.find((problem) => problem.code === code);
    expect(found).toMatchObject({ file: "mcp-servers/a.json", severity: "error", path });
    expect(found?.message).toContain(message);
    expect(found?.line).toBeGreaterThan(2);
  });

  test("that lie where the first Station had them are told of, with what to do", async () => {
    const files = { "mcp-servers/a.json": { mcpServers: {} }, "template.json": { mcpServers: { kube: {} } } };
    const { servers, problems } = await load(files);
    expect(servers).toEqual([]);
    expect(problems).toMatchObject([
      { file: "template.json", severity: "error", hint: "move the file into mcp-servers/" },
    ]);
  });

  test("a broken server hides no other, and a broken file no other file", async () => {
    const { servers, problems } = await load({
      "mcp-servers/a.json": { mcpServers: { bad: {}, good: { command: "a" } } },
      "mcp-servers/b.json": '{"mcpServers": {\n  "x": {"command": "b",}\n}}',
      "mcp-servers/c.json": { mcpServer: {} },
      "mcp-servers/d.json": { servers: { fine: { command: "d" } } },
    });
    expect(servers.map(({ name }) => name)).toEqual(["good", "fine"]);
    expect(problems.map(({ file, line, code }) => [file, line, code])).toEqual([
      ["mcp-servers/a.json", 3, "MISSING_KEY"],
      ["mcp-servers/b.json", 2, "SYNTAX"],
      ["mcp-servers/c.json", 1, "MISSING_KEY"],
      ["mcp-servers/c.json", 2, "UNKNOWN_KEY"],
    ]);
    expect(problems[2]?.hint).toBe('rename "mcpServer"');
  });

  test("two servers of one name are an error at both, and neither is there", async () => {
    const { servers, problems } = await load({
      "mcp-servers/a.json": { servers: { kube: { command: "a" }, other: { command: "o" } } },
      "mcp-servers/b.json": { servers: { kube: { command: "b" } } },
      "mcp-servers/c.json": '{"servers": {"twice": {"command": "a"}, "twice": {"command": "b"}}}',
    });
    expect(servers.map(({ name }) => name)).toEqual(["other"]);
    expect(problems).toMatchObject([
      { file: "mcp-servers/c.json", code: "DUPLICATE_KEY" },
      {
        file: "mcp-servers/a.json",
        code: "DUPLICATE_NAME",
        line: 3,
        message: expect.stringContaining("b.json"),
      },
      { file: "mcp-servers/b.json", code: "DUPLICATE_NAME", message: expect.stringContaining("a.json") },
    ]);
  });

  test("what somebody wrote in the wrong place is not repeated: it may be a secret", async () => {
    const { problems } = await load({
      ...one({ command: ["s3cr3t-canary"], env: "s3cr3t-canary", url: 1, cwd: { a: "s3cr3t-canary" } }),
      "variables.yml": "TOKEN: [s3cr3t-canary]\n",
    });
    expect(problems.length).toBeGreaterThan(3);
    expect(JSON.stringify(problems)).not.toContain("s3cr3t-canary");
  });

  test("a broken variables.yml is a problem with its line, and the servers are still there", async () => {
    const { servers, variables, problems } = await load({
      ...one({ command: "npx" }),
      "variables.yml": "A: 1\nB:\n  - x\nC: fine\n",
    });
    expect(servers).toHaveLength(1);
    expect(variables).toEqual({ A: "1", C: "fine" });
    expect(problems).toMatchObject([{ file: "variables.yml", line: 3, code: "WRONG_TYPE" }]);
  });

  test("the version changes with every file that matters, and only then", async () => {
    const root = await given(one({ command: "npx" }));
    const first = await mcpFilesVersion(root, "default");
    expect(await mcpFilesVersion(root, "default")).toBe(first);
    await writeFile(join(root, "default/variables.yml"), "A: 1\n");
    const second = await mcpFilesVersion(root, "default");
    expect(second).not.toBe(first);
    await rm(join(root, "default/mcp-servers/a.json"));
    expect(await mcpFilesVersion(root, "default")).not.toBe(second);
    expect(await loadMcpServers(root, "../default")).toEqual({ servers: [], variables: {}, problems: [] });
  });
});
