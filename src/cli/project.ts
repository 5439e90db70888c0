import type { Issue } from "../core/definition/diagnostic.ts";
import { didYouMean } from "../core/definition/suggest.ts";
import { isObject, type JsonObject, type JsonValue } from "../core/json.ts";

/** What a team keeps in its repository about where commands go. */
export type Project = {
  /** Its `station.yaml`, as people see it from where they are. */
  readonly file: string;
  readonly server: string | null;
  readonly environment: string | null;
};

/** The project that this folder belongs to; a usage error when its file is not right. */
export type ReadProject = () => Project | null;

const KEYS = ["server", "environment"] as const;
type Key = (typeof KEYS)[number];
type Settings = Pick<Project, Key>;

const SECRET = /key|token|secret|password|passwd|credential|auth/i;
const ADDRESS = /^https?:\/\/[^\s/?#]+(?:\/[^\s?#]*)?$/;
const ENVIRONMENT = /^[\w-][\w.-]*$/;

/** The settings of a `station.yaml` and everything that is wrong with them. No issue repeats a value: it may be a secret. */
export function readSettings(value: JsonValue): {
  readonly settings: Settings;
  readonly issues: readonly Issue[];
} {
  const none = { server: null, environment: null };
  if (value === null) return { settings: none, issues: [] };
  if (!isObject(value))
    return {
      settings: none,
      issues: [issue("WRONG_TYPE", "", "is not a list of settings", "server: https://…")],
    };
  const issues = Object.keys(value).flatMap((key) => (isKey(key) ? faultOf(key, value) : [unknown(key)]));
  return {
    settings: {
      server: textOf(value, "server")?.replace(/\/+$/, "") ?? null,
      environment: textOf(value, "environment"),
    },
    issues,
  };
}

function isKey(key: string): key is Key {
  return KEYS.some((known) => known === key);
}

function textOf(value: JsonObject, key: Key): string | null {
  const found = Object.hasOwn(value, key) ? value[key] : null;
  return typeof found === "string" ? found : null;
}

function faultOf(key: Key, { [key]: value }: JsonObject): readonly Issue[] {
  if (value === null) return [];
  if (typeof value !== "string") return [issue("WRONG_TYPE", key, `${key} must be text`, "put it in quotes")];
  if (key === "environment")
    return ENVIRONMENT.test(value) ? [] : [issue("INVALID_VALUE", key, "that is no name of an environment")];
  if (!ADDRESS.test(value) || !URL.canParse(value))
    return [
      issue("INVALID_VALUE", key, "that is not the address of a server", "http://host:port or https://host"),
    ];
  const { username, password } = new URL(value);
  return username + password === "" ? [] : [secret(key, "a user or password in an address is")];
}

function unknown(key: string): Issue {
  if (SECRET.test(key)) return { ...secret(key, `${JSON.stringify(key)} is`), on: "key" };
  const hint = didYouMean(key, KEYS) ?? `there are ${KEYS.join(" and ")}`;
  return {
    ...issue("UNKNOWN_KEY", key, `${JSON.stringify(key)} is no setting of a project`, hint),
    on: "key",
  };
}

function secret(key: string, what: string): Issue {
  return issue(
    "INVALID_VALUE",
    key,
    `${what} refused: everybody who has this repository has this file`,
    "stn login keeps a key for you alone; elsewhere STATION_API_KEY, with STATION_URL",
  );
}

function issue(code: Issue["code"], key: string, message: string, hint?: string): Issue {
  const path = key === "" ? "" : `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  return { code, severity: "error", path, message, ...(hint !== undefined && { hint }) };
}
