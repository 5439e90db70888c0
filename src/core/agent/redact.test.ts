import { expect, test } from "vitest";
import { hidingValues, redacted, redacting } from "./redact.ts";

const redact = redacting([/(order )\d{4}/g], ["canary-value-1"]);

test.each([
  ["OPENAI_API_KEY=sk-abcdefghijklmnopqrstuv", "OPENAI_API_KEY=[redacted]"],
  ["token ghp_abcdefghijklmnopqrstuvwxyz0123", "token [redacted]"],
  ["AKIAABCDEFGHIJKLMNOP", "[redacted]"],
  ["Authorization: Bearer abcdef.12345678", "Authorization: Bearer [redacted]"],
  ['{"password": "hunter22"}', '{"password": "[redacted]"}'],
  ["db_password=hunter22&x=1", "db_password=[redacted]&x=1"],
  ["postgres://app:hunter22@db/app", "postgres://app:[redacted]@db/app"],
  ["-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nrest", "[redacted]\nrest"],
  ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "[redacted]"],
  ["user:\n  token: k8s-aws-v1.aHR0cHM6Ly9z\n", "user:\n  token: [redacted]\n"],
  ['{"refreshToken":"0123456789abcdef"}', '{"refreshToken":"[redacted]"}'],
  ["aws_session_token=IQoJb3JpZ2luX2VjEA", "aws_session_token=[redacted]"],
  ["GITLAB_TOKEN=0123456789abcdefghij", "GITLAB_TOKEN=[redacted]"],
  ["client-key-data: LS0tLS1CRUdJTiBFQyBQ", "client-key-data: [redacted]"],
  ["it is canary-value-1 indeed", "it is [redacted] indeed"],
  ["order 1234", "order [redacted]"],
])("%s becomes %s", (text, hidden) => expect(redact(text)).toBe(hidden));

test.each(["RSA PRIVATE", "EC PRIVATE", "PRIVATE", "ENCRYPTED PRIVATE", "OPENSSH PRIVATE"])(
  "a %s KEY in base64 goes",
  (kind) =>
    expect(redact(`tls.key: ${btoa(`-----BEGIN ${kind} KEY-----\nMIIEow`)}`)).toBe("tls.key: [redacted]"),
);

test.each([
  `tls.crt: ${btoa("-----BEGIN CERTIFICATE-----\nMIIC")}`,
  '{"nextToken": "0123456789abcdefghij", "nextPageToken": "0123456789abcdefghij"}',
  "NEXT_TOKEN=0123456789abcdefghij",
  "tokens: 12345678901234567890",
  "3 pods are ready",
  "the token budget is 100",
  "https://example.com/a@b",
  "secretary: Ana",
  "id: sk-1",
])("%s stays", (text) => expect(redact(text)).toBe(text));

test("of values of which one begins another, nothing is left", () =>
  expect(hidingValues(["hunter22", "hunter22-production"])("it is hunter22-production")).toBe(
    "it is [redacted]",
  ));

test("values under the name of a secret go, whatever they look like", () =>
  expect(redacted({ a: [{ apiKey: "x" }], note: "fine", n: 1 }, redact)).toEqual({
    a: [{ apiKey: "[redacted]" }],
    note: "fine",
    n: 1,
  }));

test.each([
  ["hyphens", "a-"],
  ["dots", "a."],
  ["what may begin a token", "eyJaaaaaaaa-"],
  ["what begins one", "eyJ-"],
  ["capitals", "A_-"],
  ["addresses", "a+a://b"],
  ["names of secrets", "password-"],
])("a text of nothing but %s keeps nobody waiting", (_name, part) => {
  const text = part.repeat(Math.ceil(300_000 / part.length));
  expect(redact(text)).toBe(text);
});

test("what stands before a secret does not hide it", () => {
  expect(redact("my-own.db-password=hunter22")).toBe("my-own.db-password=[redacted]");
  expect(redact("git+ssh://app:hunter22@host/x")).toBe("git+ssh://app:[redacted]@host/x");
  expect(redact(`eyJ${"a".repeat(5000)}.eyJzdWIiOiIxIn0.abc`)).toBe("[redacted]");
});
