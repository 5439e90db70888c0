import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

/** A command as its maker documents it: the options that guides use, and what else it must be given. */
type Documented = {
  readonly options: ParseArgsOptionsConfig;
  /** Options without which it refuses. */
  readonly required?: readonly string[];
  /** How many words follow it. */
  readonly words: number;
};

/** What was asked of a command. */
export type Asked = {
  readonly command: string;
  readonly options: Readonly<Record<string, readonly string[] | string | boolean | undefined>>;
  readonly words: readonly string[];
};

const text = { type: "string" } as const;
const texts = { type: "string", multiple: true } as const;
const flag = { type: "boolean" } as const;
const compose = { file: { ...texts, short: "f" }, profile: texts };

/** From the reference pages of Docker, AWS, Google Cloud, Fly.io, Pulumi, CDK and Claude Code. */
const COMMANDS: Readonly<Record<string, Documented>> = {
  "docker build": {
    options: { file: { ...text, short: "f" }, tag: { ...text, short: "t" }, target: text, platform: text },
    words: 1,
  },
  "docker run": {
    options: {
      "read-only": flag,
      "stop-timeout": text,
      publish: { ...texts, short: "p" },
      volume: { ...texts, short: "v" },
      env: { ...texts, short: "e" },
    },
    words: 1,
  },
  "docker push": { options: {}, words: 1 },
  "docker login": {
    options: { username: text, "password-stdin": flag },
    required: ["username", "password-stdin"],
    words: 1,
  },
  "docker compose up": {
    options: { ...compose, detach: { ...flag, short: "d" }, build: flag, scale: texts },
    required: ["file"],
    words: 0,
  },
  "docker compose run": {
    options: {
      ...compose,
      rm: flag,
      "no-deps": flag,
      user: { ...text, short: "u" },
      volume: { ...texts, short: "v" },
    },
    required: ["file"],
    words: Number.POSITIVE_INFINITY,
  },
  "docker compose stop": { options: compose, required: ["file"], words: 0 },
  "docker compose down": { options: compose, required: ["file"], words: 0 },
  "docker compose logs": { options: { ...compose, follow: flag }, required: ["file"], words: 1 },
  "docker compose cp": { options: compose, required: ["file"], words: 2 },
  "aws ecr create-repository": {
    options: { "repository-name": text, "image-tag-mutability": text },
    required: ["repository-name"],
    words: 0,
  },
  "aws ecr get-login-password": { options: {}, words: 0 },
  "aws secretsmanager create-secret": {
    options: { name: text, "secret-string": text },
    required: ["name"],
    words: 0,
  },
  "gcloud artifacts repositories create": {
    options: { "repository-format": text, location: text },
    required: ["repository-format", "location"],
    words: 1,
  },
  "gcloud auth configure-docker": { options: {}, words: 1 },
  "gcloud secrets create": { options: { "data-file": text }, words: 1 },
  "fly apps create": { options: {}, words: 1 },
  "fly secrets set": { options: { config: text, app: text, stage: flag }, words: Number.POSITIVE_INFINITY },
  "fly deploy": { options: { config: text, ha: text, image: text }, required: ["config"], words: 0 },
  "fly scale count": { options: { config: text }, words: 1 },
  "fly tokens create deploy": { options: { app: text }, words: 0 },
  "fly tokens create readonly": { options: {}, words: 0 },
  "pulumi stack init": { options: {}, words: 1 },
  "pulumi up": { options: { stack: text }, words: 0 },
  "cdk deploy": { options: { context: { ...texts, short: "c" } }, words: 0 },
  "claude mcp add": { options: { transport: text, header: texts }, words: 2 },
};

/** What these words ask of a program; throws where its maker documents no such command, option or number of words. */
export function asDocumented(program: string, args: readonly string[]): Asked {
  const line = [program, ...args];
  // Compose has options before its command as well.
  const names = line.filter((word, index) => !word.startsWith("-") && !isValue(line, index));
  const command = Object.keys(COMMANDS).find((name) => `${names.join(" ")} `.startsWith(`${name} `));
  const documented = command === undefined ? undefined : COMMANDS[command];
  if (command === undefined || documented === undefined)
    throw new Error(`no guide may use "${line.join(" ")}": add it to what is documented, or run it`);
  const { values, positionals } = parseArgs({
    args: line.slice(1),
    options: documented.options,
    allowPositionals: true,
    strict: true,
  });
  const words = positionals.slice(command.split(" ").length - 1);
  for (const option of documented.required ?? [])
    if (values[option] === undefined) throw new Error(`${command} needs --${option}`);
  const { words: wanted } = documented;
  if (Number.isFinite(wanted) ? words.length !== wanted : words.length === 0)
    throw new Error(`${command} takes ${wanted} words, not "${words.join(" ")}"`);
  return { command, options: values as Asked["options"], words };
}

/** Whether a word is what an option of Compose before it is given. */
function isValue(line: readonly string[], index: number): boolean {
  return line[1] === "compose" && ["-f", "--file", "--profile"].includes(line[index - 1] ?? "");
}
