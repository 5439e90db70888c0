import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { CliError, EXIT } from "../cli/errors.ts";
import { projectOf } from "./project-file.ts";

let root: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "station-project-")));
  await mkdir(join(root, "repository/.git"), { recursive: true });
  await mkdir(join(root, "repository/services/shop"), { recursive: true });
  return () => rm(root, { recursive: true });
});

const write = (path: string, text: string) => writeFile(join(root, path), text);
const from = (folder: string) => projectOf(join(root, folder))();

/** What a person is told about a file. */
async function complaint(text: string): Promise<string> {
  await write("repository/station.yaml", text);
  try {
    from("repository");
  } catch (error) {
    expect(error).toBeInstanceOf(CliError);
    expect((error as CliError).code).toBe(EXIT.usage);
    return (error as CliError).message;
  }
  return "";
}

it("a project's file counts in all of its folders, the nearest one first", async () => {
  await write("repository/station.yaml", "server: https://station.example.com/\nenvironment: ops\n");
  const project = { server: "https://station.example.com", environment: "ops" };
  expect(from("repository")).toEqual({ ...project, file: "station.yaml" });
  expect(from("repository/services/shop")).toEqual({ ...project, file: join("..", "..", "station.yaml") });
  await write("repository/services/station.yaml", "# nothing yet\n");
  expect(from("repository/services/shop")).toEqual({
    file: join("..", "station.yaml"),
    server: null,
    environment: null,
  });
});

it("nothing is read from above the repository, nor above a folder that is in none", async () => {
  await write("station.yaml", "server: https://evil.example\n");
  await mkdir(join(root, "loose/below"), { recursive: true });
  for (const folder of ["repository/services/shop", "repository", "loose/below", "loose"])
    expect(from(folder)).toBeNull();
  await write("loose/station.yaml", "environment: ops\n");
  expect(from("loose")).toMatchObject({ environment: "ops" });
  expect(from("loose/below")).toBeNull();
  await mkdir(join(root, "repository/services/shop/station.yaml"));
  expect(from("repository/services/shop")).toBeNull();
});

it.each([
  [
    "environment: ops\nsevrer: https://x.example\n",
    'station.yaml:2:1 "sevrer" is no setting of a project\n  did you mean "server"?',
  ],
  ["port: 80\n", 'station.yaml:1:1 "port" is no setting of a project\n  there are server and environment'],
  ["environment: 2024\n", "station.yaml:1:14 environment must be text\n  put it in quotes"],
  ["environment: ../up\n", "station.yaml:1:14 that is no name of an environment"],
  [
    "server: station.example.com\n",
    "station.yaml:1:9 that is not the address of a server\n  http://host:port or https://host",
  ],
  ["- server\n", "station.yaml:1:1 is not a list of settings"],
  ["server: [\n", "station.yaml:"],
  ["server: https://a.example\nserver: https://b.example\n", "station.yaml:2:1 "],
])("%j is said to be wrong, with its place and what helps", async (text, message) => {
  expect(await complaint(text)).toContain(message);
});

it.each([
  ["server: https://x.example\napiKey: stn_default_ci_hunter2\n", 'station.yaml:2:1 "apiKey" is refused'],
  ["STATION_API_KEY: stn_default_ci_hunter2\n", 'station.yaml:1:1 "STATION_API_KEY" is refused'],
  ["access-token: hunter2\n", 'station.yaml:1:1 "access-token" is refused'],
  ["server: https://ana:hunter2@x.example\n", "station.yaml:1:9 a user or password in an address is refused"],
  ["server: https://hunter2@x.example\n", "station.yaml:1:9 a user or password in an address is refused"],
  ["server: https://x.example?token=hunter2\n", "station.yaml:1:9 that is not the address of a server"],
])("a secret is refused, and not shown: %j", async (text, message) => {
  const told = await complaint(text);
  expect(told).toContain(message);
  expect(told).not.toContain("hunter2");
  if (told.includes("refused")) expect(told).toContain("stn login keeps a key for you alone");
});
