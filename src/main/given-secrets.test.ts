import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { MARK, redacting } from "../core/agent/redact.ts";
import { describeProblems, loadConfig } from "./config.ts";
import { givenSecrets } from "./given-secrets.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "station-given-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function given(env: Record<string, string>): Promise<readonly string[]> {
  const loaded = loadConfig(env);
  return loaded.ok ? givenSecrets(loaded.config) : expect.unreachable(describeProblems(loaded.problems));
}

const value = (name: string) => `${name}-0123456789-0123456789-0123456789`;
const people = {
  STATION_OIDC_ISSUER: "https://login.example.com",
  STATION_OIDC_CLIENT_ID: "station",
  STATION_OIDC_ROLES: "*=viewer",
  STATION_PUBLIC_URL: "https://station.example.com",
};
const far = { STATION_NATS_URL: "nats://queue:4222", STATION_DATABASE_URL: "libsql://db.example" };

it("whatever secret Station was given is hidden, as itself and without its name", async () => {
  const file = join(folder, "token");
  await writeFile(file, `${value("next")}\n${value("file")}\n`);
  const cases: readonly [Record<string, string>, readonly string[]][] = [
    [{ STATION_API_TOKEN: `${value("old")},${value("new")}` }, [value("old"), value("new")]],
    [{ STATION_API_TOKEN_FILE: file }, [value("next"), value("file")]],
    [
      { ...people, STATION_OIDC_CLIENT_SECRET: value("client"), STATION_SESSION_SECRET: value("session") },
      [value("client"), value("session")],
    ],
    [{ ...far, STATION_NATS_TOKEN: value("nats") }, [value("nats")]],
    [{ ...far, STATION_NATS_USER: "station", STATION_NATS_PASSWORD: value("nats") }, [value("nats")]],
    [{ ...far, STATION_NATS_CREDS: `-----BEGIN-----\n${value("seed")}\n------END------` }, [value("seed")]],
    [{ ...far, STATION_NATS_URL: `nats://${value("alone")}@queue:4222` }, [value("alone")]],
    [{ ...far, STATION_DATABASE_AUTH_TOKEN: value("db") }, [value("db")]],
    [{ ...far, STATION_DATABASE_URL: `libsql://db.example?authToken=${value("db")}` }, [value("db")]],
    [{ STATION_SMTP_URL: `smtp://u:${value("p%40")}@mail`, STATION_MAIL_FROM: "a@b.example" }, [value("p@")]],
    [{ OPENAI_API_KEY: value("ai"), STATION_LINK_KEYS: value("link") }, [value("ai"), value("link")]],
    [{ STATION_SECRET_KEYS: `${value("k1")},${value("k2")}` }, [value("k1"), value("k2")]],
    [
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318",
        OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${value("otel")}`,
      },
      [value("otel")],
    ],
  ];
  for (const [env, secrets] of cases) {
    const redact = redacting([], await given(env));
    for (const secret of secrets)
      expect([secret, redact(`it is ${secret}.`)]).toEqual([secret, `it is ${MARK}.`]);
  }
});

it("what is no secret stays readable: headers that name nobody, and the frames by which others' keys are known", async () => {
  const pem = (body: string) => `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----`;
  const { privateKey } = generateKeyPairSync("ed25519");
  const redact = redacting(
    [],
    await given({
      STATION_AUDIT_KEY: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318",
      OTEL_EXPORTER_OTLP_HEADERS: "x-scope-orgid=monitoring",
    }),
  );
  expect(redact(`monitoring found ${pem("c29tZWJvZHkgZWxzZSdz")}`)).toBe(`monitoring found ${MARK}`);
});

it("a file that this process may not read is left to whoever needs it, and nothing is no secret", async () => {
  expect(await given({ STATION_API_TOKEN_FILE: join(folder, "none") })).toEqual([]);
  expect(await given({})).toEqual([]);
});
