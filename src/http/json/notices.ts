import type { RolledBack as Rolled } from "../../engine/rollback-workflow.ts";
import type { RolledBack } from "../schemas/workflow-versions.ts";

type Notices = RolledBack["notices"];

/** What a person should know about a rollback that came about. */
export function noticesOf(rolled: Extract<Rolled, { readonly file: unknown }>, version: number): Notices {
  const same: Notices =
    rolled.status === "unchanged" || rolled.status === "enabled"
      ? [{ code: "UNCHANGED", message: `the current version already says what version ${version} says` }]
      : [];
  return [...same, ...fileNotices(rolled)];
}

function fileNotices({ file }: Extract<Rolled, { readonly file: unknown }>): Notices {
  switch (file?.state) {
    case undefined:
    case "none":
    case "in-sync":
      return [];
    case "file-newer":
      return [
        {
          code: "FILE_WINS",
          message: `${file?.path} says something else: the next sync brings it back`,
          hint: "change the file too, or disable the workflow",
        },
      ];
    case "invalid":
      return [
        {
          code: "FILE_INVALID",
          message: `${file?.path} is invalid: once it is repaired, a sync replaces this version`,
          hint: "change the file too",
        },
      ];
    case "file-missing":
      return [
        {
          code: "FILE_MISSING",
          message: `${file?.path} is not there: the next sync disables the workflow`,
          hint: "put the file back",
        },
      ];
  }
}
