import { describeProblems, loadConfig } from "./config.ts";

// What a container engine runs inside the container, where there is no curl: `healthcheck [/readyz]`, 0 or 1.
const ANSWER_MS = 4_000;
const path = process.argv[2] ?? "/healthz";
const loaded = loadConfig(process.env, { serves: false });
if (!loaded.ok) fail(describeProblems(loaded.problems));
const { host, port } = loaded.config.admin ?? loaded.config.http;
const at = host === "*" ? "localhost" : host.includes(":") ? `[${host}]` : host;
const url = `http://${at}:${port}${path}`;
try {
  const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
  if (!answer.ok) fail(`${url} answers ${answer.status}: ${await answer.text()}`);
} catch (error) {
  fail(`${url} does not answer: ${error instanceof Error ? error.message : String(error)}`);
}
process.exit(0);

function fail(reason: string): never {
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}
