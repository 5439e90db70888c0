#!/usr/bin/env node
import { resolve } from "node:path";
import { readDefinition } from "../adapters/files/definition.ts";
import { readSourceFile } from "../adapters/files/environments.ts";
import { watchEnvironments } from "../adapters/files/watch.ts";
import { createProgram } from "../cli/program.ts";
import { nodeTerminal } from "../cli/terminal/node-terminal.ts";
import { createAuditTools } from "./audit-tools.ts";
import { createBackups } from "./backups.ts";
import { createBundles } from "./bundles.ts";
import { createCheck } from "./check.ts";
import { describeProblems, filesOf, loadClientConfig } from "./config.ts";
import { limitsOf } from "./config-expressions.ts";
import { createImport } from "./import.ts";
import { browserOpener } from "./open-browser.ts";
import { configured } from "./process.ts";
import { projectOf } from "./project-file.ts";
import { createRehearsals } from "./rehearsals.ts";
import { createStarters } from "./starters.ts";
import { userContexts } from "./user-contexts.ts";
import { version } from "./version.ts";

// `stn`: everything a process has, handed to the command line.
const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort();
  });
const terminal = nodeTerminal(process, () => interrupt.abort());
const given = filesOf(process.env);
const { environmentsDir } = given;
const limits = limitsOf(process.env);
const files = { ...given, environmentsDir: resolve(environmentsDir), expressions: limits.expressions };
const client = loadClientConfig(process.env);
const doubts = [...client.warnings, ...limits.problems];
if (doubts.length > 0) terminal.stderr.write(`${describeProblems(doubts)}\n`);
const program = createProgram({
  terminal,
  version,
  server: client.ok
    ? { ok: true, ...client.config }
    : { ok: false, problems: describeProblems(client.problems) },
  contexts: userContexts(process.env),
  project: projectOf(process.cwd()),
  now: () => Date.now(),
  interrupt: interrupt.signal,
  cwd: process.cwd(),
  environmentsDir,
  readSource: readSourceFile,
  check: createCheck(files),
  readDefinition,
  watch: async (changed) => (await watchEnvironments(files.environmentsDir, changed)).stop,
  importDocument: createImport(files),
  backups: createBackups(() => configured(process.env, "migrate")),
  audit: createAuditTools(() => configured(process.env, "migrate")),
  bundles: createBundles(files.environmentsDir),
  rehearsals: createRehearsals(files),
  starters: createStarters(process.env),
  openBrowser: browserOpener(process.env),
});
process.exitCode = await program.run(process.argv.slice(2));
