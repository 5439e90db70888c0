import { Type } from "typebox";
import { nullable, pageOf, Time } from "./common.ts";

/** A file of finished runs. */
const ArchiveItem = Type.Object(
  {
    archiveId: Type.String({ examples: ["arc_01K9X2M4Q8"] }),
    file: Type.String({ description: "In the folder of archives" }),
    createdAt: Time,
    status: Type.Enum(["writing", "written", "done"], {
      description:
        "`written`: whole on disk, and its runs are still in the database; `done`: they have left it",
    }),
    runs: Type.Integer(),
    events: Type.Integer(),
    bytes: nullable(Type.Integer()),
    sha256: nullable(Type.String()),
  },
  { title: "Archive" },
);

export const ArchivePage = pageOf(ArchiveItem, "ArchivePage");

export const BringBack = Type.Object(
  {
    runIds: Type.Optional(Type.Array(Type.String(), { minItems: 1, description: "All of them without it" })),
  },
  { title: "BringBack", additionalProperties: false },
);

export const BroughtBack = Type.Object({ runIds: Type.Array(Type.String()) }, { title: "BroughtBack" });

/** Why a run stays, or may go. */
export const HoldReason = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 1000 }) },
  { title: "HoldReason", additionalProperties: false, examples: [{ reason: "Asked for by the auditors" }] },
);
