import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { DockerfileParser } from "dockerfile-ast";
import { parse as parseYaml } from "yaml";
import { ENTRY } from "../../../infra/shared/runtime-contract.ts";
import { type Asked, asDocumented } from "./documented.ts";

// `node stand-in.ts PROGRAM ARGUMENT…`: what bash finds for a program while it runs a guide. What can run here runs;
// what needs a cloud is held against its maker's documentation, and against what the guide did before.
const [program = "", ...args] = process.argv.slice(2);
const {
  GUIDE_FOLDER = "",
  GUIDE_STATE = "",
  GUIDE_BUNDLE = "",
  GUIDE_PATH = "",
  GUIDE_COMPOSE,
} = process.env;
const real = { ...process.env, PATH: GUIDE_PATH };

if (program === "npm") await npm();
else if (program === "npx" && args[0] === "cdk") deployed("cdk", args.slice(1));
else if (program === "node" && /^src\/main\/(?:api|worker)\.ts$/.test(args[0] ?? ""))
  await serve(args[0] as string);
else if (program === "station-stops") await stop("api");
else await documented(asDocumented(program, args));

async function npm(): Promise<void> {
  const words = args.join(" ");
  if (words.startsWith("run -s stn -- "))
    return run(process.execPath, [join(GUIDE_BUNDLE, "stn.mjs"), ...args.slice(4)]);
  if (words === "start") return serve("src/main/api.ts");
  // The suites themselves, of which this is one.
  if (words === "test" || words === "run test:infra") return hasScript(args.at(-1) as string);
  // Finds a port of its own.
  if (words === "run demo") return run("npm", args, { ...real, PORT: "0" });
  if (words.startsWith("--prefix infra run ")) return run("npm", args);
  if (words === "ci" || words === "--prefix infra ci")
    return run("npm", [...args, "--dry-run", "--offline", "--ignore-scripts", "--no-audit", "--no-fund"]);
  throw new Error(`no guide may use "npm ${words}": say how it is run, or what stands for it`);
}

function hasScript(name: string): void {
  const { scripts } = JSON.parse(readFileSync(join(GUIDE_FOLDER, "package.json"), "utf8"));
  if (scripts[name] === undefined) throw new Error(`there is no script "${name}"`);
}

async function documented(asked: Asked): Promise<void> {
  const { command, options, words } = asked;
  const [word = ""] = words;
  switch (command) {
    case "docker build": {
      const stages = DockerfileParser.parse(readFileSync(String(options["file"]), "utf8")).getFROMs();
      const target = options["target"] ?? stages.at(-1)?.getBuildStage();
      must(
        stages.some((from) => from.getBuildStage() === target),
        `there is no target "${target}"`,
      );
      must(existsSync(join(word, ".dockerignore")), `${word} is not the folder that the image is built from`);
      return note("image", String(options["tag"]));
    }
    case "docker run": {
      const isOpen = ((options["env"] ?? []) as readonly string[]).includes("STATION_AUTH=off");
      for (const port of (options["publish"] ?? []) as readonly string[])
        must(!isOpen || port.startsWith("127.0.0.1:"), `${port}: whoever reaches it would be the local user`);
      return must(noted("image").has(word), `no command before this builds ${word}`);
    }
    case "docker push":
      must(noted("image").has(word), `no command before this builds ${word}`);
      must(noted("registry").has(word.split("/")[0] ?? ""), `no command before this logs in at ${word}`);
      return note("pushed", word);
    case "docker login":
      must((await readAll(process.stdin)).trim() !== "", "there is no password on its standard input");
      return note("registry", word);
    case "gcloud auth configure-docker":
      return note("registry", word);
    case "aws ecr get-login-password":
      console.log("a password");
      return;
    case "aws ecr create-repository":
      return must(/^(?:IM)?MUTABLE$/.test(String(options["image-tag-mutability"])), "MUTABLE or IMMUTABLE");
    case "aws secretsmanager create-secret":
      must(
        /^file:\/\/\S+$/.test(String(options["secret-string"])),
        "a secret on the command line is seen by others",
      );
      return note("secret", String(options["name"]));
    case "gcloud secrets create":
      must(options["data-file"] !== undefined, "a secret without a value");
      return note("secret", word);
    case "docker compose run":
      must(
        Object.values(ENTRY).includes(words[1] as never) || words[1] === "stn.mjs",
        `the image has no ${words[1]}`,
      );
      return composed(asked);
    case "docker compose up":
    case "docker compose stop":
    case "docker compose down":
    case "docker compose logs":
    case "docker compose cp":
      return composed(asked);
    case "fly apps create":
      return note("app", word);
    case "fly deploy":
    case "fly scale count":
    case "fly secrets set":
      return flown(asked);
    case "fly tokens create deploy":
      flown(asked);
      console.log("a token");
      return;
    case "fly tokens create readonly":
      console.log("a token");
      return;
    case "pulumi stack init":
      return note("stack", word);
    case "pulumi up":
      must(noted("stack").has(String(options["stack"])), `no command before this makes the stack`);
      return deployed("pulumi", args);
  }
}

/** What Docker Compose itself says of the same files, where it is to be had. */
function composed({ options, words }: Asked): void {
  const files = (options["file"] as readonly string[]).flatMap((file) => ["-f", file]);
  const profiles = ((options["profile"] ?? []) as readonly string[]).flatMap((name) => ["--profile", name]);
  for (const file of options["file"] as readonly string[]) must(existsSync(file), `${file} is not there`);
  if (GUIDE_COMPOSE === undefined) return;
  const { status, stdout, stderr } = spawnSync(
    GUIDE_COMPOSE,
    [...files, ...profiles, "config", "--services"],
    {
      encoding: "utf8",
      env: real,
    },
  );
  must(status === 0, stderr);
  const scaled = ((options["scale"] ?? []) as readonly string[]).map((scale) => scale.split("=")[0] ?? "");
  const named = words.map((word) => word.split(":")[0] ?? "");
  for (const service of [...scaled, ...named.slice(0, 1)])
    must(stdout.split("\n").includes(service), `there is no service "${service}"`);
}

/** What Fly would say: an app has to be there before anything is done to it. */
function flown({ command, options, words }: Asked): void {
  const app = options["app"] ?? appOf(String(options["config"]));
  must(noted("app").has(String(app)), `no command before this creates the app ${app}`);
  if (command === "fly secrets set")
    for (const word of words) {
      must(/^[A-Z][A-Z_]+=./.test(word), `${word}: NAME=value`);
    }
}

function appOf(config: string): string {
  return /^app = "(.+)"$/m.exec(readFileSync(config, "utf8"))?.[1] ?? "";
}

/** A deployment of what the guide has made so far: its configuration names nothing else. */
function deployed(tool: "cdk" | "pulumi", given: readonly string[]): void {
  const { options } = asDocumented(tool, given);
  const { image, secrets } = tool === "cdk" ? cdkConfig(options) : pulumiConfig(String(options["stack"]));
  const pushed = [...noted("pushed")].map((name) => name.replace(/^[^/]+\.amazonaws\.com\//, ""));
  must(
    pushed.includes(`${image.repository}:${image.tag}`),
    `${image.repository}:${image.tag} was not pushed`,
  );
  for (const name of Object.values(secrets))
    must(noted("secret").has(name), `no command before this creates the secret ${name}`);
  if (tool === "pulumi")
    run(process.execPath, ["--import", import.meta.resolve("./pulumi-mocks.ts"), "dist/index.js"]);
}

type Deployment = {
  readonly image: { readonly repository: string; readonly tag: string };
  readonly secrets: Readonly<Record<string, string>>;
};

function cdkConfig(options: Asked["options"]): Deployment {
  const [context = ""] = options["context"] as readonly string[];
  must(existsSync("cdk.out"), "no command before this has tried the synthesis");
  return JSON.parse(readFileSync(context.replace(/^config=/, ""), "utf8"));
}

function pulumiConfig(stack: string): Deployment {
  return parseYaml(readFileSync(`Pulumi.${stack}.yaml`, "utf8")).config["station:deployment"];
}

/** Starts a program of Station in the place of the one before, and comes back when it is ready. */
async function serve(path: string): Promise<void> {
  const name = path.includes("worker") ? "worker" : "api";
  await stop(name);
  const log = join(GUIDE_STATE, `${name}.log`);
  writeFileSync(log, "");
  const out = openSync(log, "a");
  const child = spawn(process.execPath, [join(GUIDE_BUNDLE, `${name}.mjs`)], {
    cwd: GUIDE_FOLDER,
    detached: true,
    stdio: ["ignore", out, out],
    env: { ...real, STATION_LOG_FORMAT: "json", ...(name === "worker" && { PORT: "0" }) },
  });
  writeFileSync(join(GUIDE_STATE, `${name}.pid`), String(child.pid));
  const ready = name === "api" ? '"listening"' : '"working"';
  await until(() => {
    if (child.exitCode !== null) throw new Error(`${name} has ended: ${readFileSync(log, "utf8")}`);
    return readFileSync(log, "utf8").includes(ready);
  });
  const anchor = process.env["STATION_AUDIT_ANCHOR_FILE"];
  // Evidence is there when the first checkpoint has been made.
  if (anchor)
    await until(() => existsSync(resolve(GUIDE_FOLDER, anchor)) && readFileSync(anchor, "utf8") !== "");
  child.unref();
}

async function stop(name: string): Promise<void> {
  const file = join(GUIDE_STATE, `${name}.pid`);
  const pid = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
  if (pid === 0) return;
  writeFileSync(file, "0");
  process.kill(pid, "SIGTERM");
  await until(
    () => !existsSync(`/proc/${pid}/cmdline`) || readFileSync(`/proc/${pid}/cmdline`, "utf8") === "",
  );
}

async function until(isSo: () => boolean): Promise<void> {
  const end = Date.now() + 30_000;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`still not: ${isSo}`);
    await delay(25);
  }
}

function run(command: string, given: readonly string[], env: NodeJS.ProcessEnv = real): void {
  const { status } = spawnSync(command, given, { stdio: "inherit", env });
  process.exitCode = status ?? 1;
}

function note(kind: string, name: string): void {
  appendFileSync(join(GUIDE_STATE, `${kind}.noted`), `${name}\n`);
}

function noted(kind: string): ReadonlySet<string> {
  const file = join(GUIDE_STATE, `${kind}.noted`);
  return new Set(existsSync(file) ? readFileSync(file, "utf8").split("\n") : []);
}

function must(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Error(`${program} ${args.join(" ")}: ${otherwise}`);
}
