import { beforeEach, expect, it } from "vitest";
import type { ContextStore } from "../../../src/cli/contexts.ts";
import type { CliDeps } from "../../../src/cli/deps.ts";
import { memoryContexts } from "../../../src/cli/memory-contexts.ts";
import type { Project } from "../../../src/cli/project.ts";
import type { MemoryOptions } from "../../../src/cli/terminal/memory-terminal.ts";
import { createWorld } from "../http/world.ts";
import { stnFor } from "./stn.ts";

// A repository says where commands go. It is written by others: nothing that a person keeps for one server may go to another.

const WORK = { url: "https://work.example", apiKey: "stn_default_work_secret", environment: "prod" };
const HOME = { url: "https://home.example", apiKey: "stn_default_home_secret", environment: null };
const NOWHERE = { ok: true, url: "http://localhost:8585", isGiven: false, apiKey: null } as const;

let contexts: ContextStore;
beforeEach(() => {
  contexts = memoryContexts({ current: "work", servers: { work: WORK, home: HOME } });
});

/** What requests a command makes, and with which keys, in a repository that says this. */
async function stn(
  project: Partial<Project> | null,
  argv: readonly string[],
  options: MemoryOptions & { readonly server?: Partial<CliDeps["server"]> } = {},
) {
  const world = await createWorld();
  const sent: (readonly [string, string | null])[] = [];
  const fetch: CliDeps["fetch"] = ({ url, headers }) => {
    const { origin, searchParams } = new URL(url);
    const environment = searchParams.get("environment");
    sent.push([environment === null ? origin : `${origin} ${environment}`, headers.get("authorization")]);
    return Response.json({ items: [], nextCursor: null, id: "user:ana", teams: [], access: [] });
  };
  const told = project && { file: "station.yaml", server: null, environment: null, ...project };
  const server = { ...NOWHERE, ...options.server } as CliDeps["server"];
  try {
    const done = await stnFor(world, { contexts, server, fetch, project: () => told }).run(argv, options);
    return { ...done, sent };
  } finally {
    await world.close();
  }
}

const RUNS = ["runs", "list"];

it("a flag counts more than the environment, that more than the repository, that more than what is remembered", async () => {
  const project = { server: HOME.url, environment: "ops" };
  const given = { url: "http://given.example", isGiven: true };
  const at = async (...call: Parameters<typeof stn>) => (await stn(...call)).sent[0]?.[0];
  expect(await at(null, RUNS)).toBe("https://work.example prod");
  expect(await at({ environment: "ops" }, RUNS)).toBe("https://work.example ops");
  expect(await at(project, RUNS)).toBe("https://home.example ops");
  expect(await at({ server: HOME.url }, RUNS)).toBe("https://home.example");
  expect(await at(project, RUNS, { server: given })).toBe("http://given.example ops");
  expect(await at(project, [...RUNS, "--url", "http://flag.example", "-e", "mine"], { server: given })).toBe(
    "http://flag.example mine",
  );
  expect(await at(project, [...RUNS, "--context", "work"], { server: given })).toBe(
    "https://work.example prod",
  );
});

it("a key goes to the server it was remembered for, whatever server a repository names", async () => {
  const key = async (server: string) => (await stn({ server }, RUNS)).sent;
  expect(await key(HOME.url)).toEqual([[HOME.url, `Bearer ${HOME.apiKey}`]]);
  expect(await key("https://evil.example")).toEqual([["https://evil.example", null]]);
  // Alike is not the same.
  for (const server of [
    "http://work.example",
    "https://work.example:8443",
    "https://work.example.evil.example",
    "https://work.example/evil",
  ])
    expect((await key(server)).map(([, sent]) => sent)).toEqual([null]);
});

it("a key of the environment is not sent to a server that only a repository names", async () => {
  const server = { apiKey: "stn_default_ci_secret" };
  for (const url of ["https://evil.example", HOME.url]) {
    const { code, sent, out, err } = await stn({ server: url }, RUNS, { server });
    expect({ code, sent, out }).toEqual({ code: 2, sent: [], out: "" });
    expect(err).toContain(
      `STATION_API_KEY is set, and only station.yaml says that it is for ${url}: nothing was sent`,
    );
    expect(err).toContain(`STATION_URL=${url}`);
    expect(err).not.toContain("secret");
  }
  const said = await stn({ server: "https://evil.example" }, RUNS, {
    server: { ...server, url: HOME.url, isGiven: true },
  });
  expect(said.sent).toEqual([[HOME.url, "Bearer stn_default_ci_secret"]]);
});

it("a key that is piped in goes to no server that only a repository names", async () => {
  const piped = { input: "stn_default_ci_secret" };
  const silently = await stn({ server: "https://evil.example" }, ["login"], piped);
  expect(silently).toMatchObject({ code: 2, sent: [], out: "" });
  expect(silently.err).toContain("stn login https://evil.example");
  const said = await stn({ server: HOME.url }, ["login", "https://new.example"], piped);
  expect(said.sent).toEqual([["https://new.example", "Bearer stn_default_ci_secret"]]);
  expect(said.err).toContain(
    `commands go there from now on, but for this project's: station.yaml sends them to ${HOME.url}`,
  );
});

it("context show says where commands go, and who says so; never the key", async () => {
  const shown = async (...call: Parameters<typeof stn>) => (await stn(...call)).out;
  const show = ["context", "show"];
  expect(await shown(null, show)).toBe(
    "server\thttps://work.example\tcontext work\nenvironment\tprod\tcontext work\nkey\t(secret)\tcontext work\n",
  );
  expect(await shown({ server: HOME.url, environment: "ops" }, show)).toBe(
    "server\thttps://home.example\tstation.yaml\nenvironment\tops\tstation.yaml\nkey\t(secret)\tcontext home\n",
  );
  const env = { STATION_URL: "http://given.example" };
  const given = { url: "http://given.example", isGiven: true, apiKey: "stn_default_ci_secret" };
  expect(await shown({ environment: "ops" }, [...show, "-e", "mine"], { env, server: given })).toBe(
    "server\thttp://given.example\tSTATION_URL\nenvironment\tmine\t--env\nkey\t(secret)\tSTATION_API_KEY\n",
  );
  contexts = memoryContexts();
  expect(await shown(null, show)).toBe(
    "server\thttp://localhost:8585\tnothing says otherwise\n" +
      "environment\tnone\tnothing says otherwise\nkey\tnone\tnothing says otherwise\n",
  );
  expect(JSON.parse(await shown({ server: HOME.url }, ["--json", ...show]))).toMatchObject({
    items: [{ setting: "server", value: HOME.url, from: "station.yaml" }, {}, { value: null }],
  });
});

it("context add is login under another name, and workflow export is show", async () => {
  const added = await stn(null, ["context", "add", "https://new.example", "--name", "new", "--no-key"]);
  expect(added).toMatchObject({ code: 0, out: "new\thttps://new.example\tuser:ana\n" });
  expect(contexts.read()).toMatchObject({ current: "new", servers: { new: { url: "https://new.example" } } });
  const [shown, exported] = [["show"], ["export"]].map(([verb]) =>
    stn(null, ["workflow", verb ?? "", "w", "--json"]),
  );
  expect((await exported)?.out).toBe((await shown)?.out);
});
