import { createUnderstudy } from "../adapters/agents/understudy.ts";
import { readDefinition } from "../adapters/files/definition.ts";
import { parseSource } from "../adapters/files/yaml.ts";
import type { Rehearsals } from "../cli/deps.ts";
import { spelled } from "../core/definition/agent-reference.ts";
import { rehearse } from "../engine/rehearsal/rehearse.ts";
import { runTestFile } from "../engine/rehearsal/run-test-file.ts";
import { type CheckSettings, openCheckPorts } from "./check.ts";

/** Plays workflows through without a server: `stn test` and `stn run --dry-run`. Costs nothing before the first. */
export function createRehearsals(files: CheckSettings): Rehearsals {
  let opened: ReturnType<typeof open> | null = null;
  const ports = () => {
    opened ??= open(files);
    return opened;
  };
  return {
    async test(source, find, options) {
      // So that the first test's time is its own.
      await ports().expressions.ready();
      return runTestFile(ports(), source, find, options);
    },
    async dryRun({ workflow, version, scenario, agents }) {
      const { definitions, expressions, schemas, understudy } = ports();
      const { definition, diagnostics } = definitions.read(workflow.source);
      if (!definition) return { status: "invalid", diagnostics };
      const stand = agents === null ? understudy : createUnderstudy(async () => agents, schemas);
      const play = { definition, environment: workflow.environment, version, scenario };
      return { ...(await rehearse({ expressions, schemas, understudy: stand }, play)), definition };
    },
  };
}

function open(files: CheckSettings) {
  const ports = openCheckPorts(files);
  const { agents, schemas } = ports;
  return {
    ...ports,
    definitions: { read: readDefinition },
    understudy: createUnderstudy(async (environment) => spelled(await agents.inReach(environment)), schemas),
    parse: ({ text, format }: Parameters<typeof readDefinition>[0]) => parseSource(text, format),
    now: () => performance.now(),
  };
}
