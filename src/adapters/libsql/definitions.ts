import { unknownIn } from "../../core/definition/form.ts";
import type { Definition } from "../../core/definition/types.ts";
import { Lru } from "../../core/lru.ts";
import type { WorkflowRef } from "../../core/run/run.ts";
import { NewerData } from "../../engine/errors.ts";
import { type Database, select } from "./database.ts";

/** Definitions by version: they never change, so each is parsed once. */
export class Definitions {
  readonly #db: Database;
  readonly #parsed = new Lru<string, Definition>(500);

  constructor(db: Database) {
    this.#db = db;
  }

  /** Throws when a run refers to a version that is not there, and `NewerData` for one of a newer program. */
  async get({ environment, id, version }: WorkflowRef): Promise<Definition> {
    const key = JSON.stringify([environment, id, version]);
    const known = this.#parsed.get(key);
    if (known) return known;
    const [row] = await select(
      this.#db,
      "select definition from workflow_definition_versions where environment = ? and id = ? and version = ?",
      [environment, id, version],
    );
    if (!row)
      throw new Error(
        `workflow "${id}" has no version ${version} in environment "${environment}"; a run needs it`,
      );
    const definition: Definition = JSON.parse(String(row[0]));
    const unknown = unknownIn(definition);
    if (unknown !== null)
      throw new NewerData(
        `version ${version} of workflow "${id}" in environment "${environment}" has ${unknown}, which this program does not ` +
          "know: its runs are left to newer ones",
      );
    this.#parsed.set(key, definition);
    return definition;
  }
}
