import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ZipFile } from "yazl";
import { zipArchive } from "../../adapters/bundles/zip.ts";
import { manifestText } from "../../core/bundle/manifest.ts";
import { planOf } from "../../core/bundle/plan.ts";
import type { ArchiveEntry } from "../ports/bundles.ts";
import { createBundle, mustBeTrusted, openBundle } from "./bundle.ts";
import { createKeyPair } from "./signature.ts";

const IDENTITY = { name: "triage", version: "1.0.0", description: null };
const file = (path: string, text: string): ArchiveEntry => ({ path, bytes: Buffer.from(text) });
const FILES = [
  file("workflows/b.workflow.yaml", "id: b\n"),
  file("agents/a.prompt", "---\nmodel: station/script\n---\n"),
];

const make = async (files = FILES, key: string | null = null) =>
  (await createBundle(zipArchive, IDENTITY, files, key)).bytes;
const open = (bytes: Uint8Array) => openBundle(zipArchive, bytes);

/** A zip as somebody with bad intentions makes it: any entries, with a manifest that agrees with them. */
async function forged(
  entries: readonly (ArchiveEntry & { readonly mode?: number })[],
  manifestPaths = entries.map(({ path }) => path),
): Promise<Buffer> {
  const files = entries.map(({ path, bytes }, index) => ({
    path: manifestPaths[index] ?? path,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    size: bytes.length,
  }));
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(manifestText({ format: 1, ...IDENTITY, files })), "bundle.json");
  for (const { path, bytes, mode } of entries)
    zip.addBuffer(Buffer.from(bytes), path, mode === undefined ? {} : { mode });
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** The same bytes with a name of the same length in place of another. */
function renamed(bytes: Buffer, from: string, to: string): Buffer {
  expect(to.length).toBe(from.length);
  return Buffer.from(bytes.toString("latin1").replaceAll(from, to), "latin1");
}

describe("a bundle", () => {
  it("is the same bytes for the same files, in whatever order and time zone they come", async () => {
    const before = process.env["TZ"];
    try {
      process.env["TZ"] = "Pacific/Kiritimati";
      const there = await make();
      process.env["TZ"] = "America/Adak";
      expect(await make([...FILES].reverse())).toEqual(there);
    } finally {
      if (before === undefined) delete process.env["TZ"];
      else process.env["TZ"] = before;
    }
  });

  it("gives back exactly what was put in", async () => {
    const { manifest, files, signedBy } = await open(await make());
    expect(manifest).toMatchObject({
      ...IDENTITY,
      files: [{ path: "agents/a.prompt" }, { path: FILES[0]?.path }],
    });
    expect(files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()])).toEqual([
      [FILES[1]?.path, "---\nmodel: station/script\n---\n"],
      [FILES[0]?.path, "id: b\n"],
    ]);
    expect(signedBy).toBeNull();
  });

  it("refuses a name or version that is none, and to be empty", async () => {
    await expect(createBundle(zipArchive, { ...IDENTITY, name: "../x" }, FILES, null)).rejects.toThrow(
      /no name/,
    );
    await expect(createBundle(zipArchive, { ...IDENTITY, version: "" }, FILES, null)).rejects.toThrow(
      /no version/,
    );
    await expect(make([])).rejects.toThrow(/nothing to put/);
  });
});

describe("a signature", () => {
  it("names its key, and only trusted keys are trusted", async () => {
    const [ours, theirs] = [createKeyPair(), createKeyPair()];
    const bundle = await open(await make(FILES, ours.privateKey));
    expect(bundle.signedBy).toBe(ours.fingerprint);
    expect(() => mustBeTrusted(bundle, [theirs.fingerprint, ours.fingerprint])).not.toThrow();
    expect(() => mustBeTrusted(bundle, [theirs.fingerprint])).toThrow(/not trusted/);
    expect(() => mustBeTrusted({ ...bundle, signedBy: null }, [ours.fingerprint])).toThrow(/not signed/);
  });

  it("does not hold for another manifest", async () => {
    const { privateKey } = createKeyPair();
    const signed = await zipArchive.unpack(await make(FILES, privateKey), {
      entries: 10,
      entryBytes: 1e6,
      totalBytes: 1e6,
    });
    const other = await zipArchive.unpack(await make([file("agents/evil.prompt", "evil")]), {
      entries: 10,
      entryBytes: 1e6,
      totalBytes: 1e6,
    });
    const signature = signed.filter(({ path }) => path === "bundle.sig");
    await expect(open(await zipArchive.pack([...other, ...signature]))).rejects.toThrow(
      /changed after it was signed/,
    );
  });

  it("is refused when it is not one of Ed25519", async () => {
    await expect(make(FILES, "not a key")).rejects.toThrow(/must be an Ed25519 key/);
    const entries = await zipArchive.unpack(await make(), { entries: 10, entryBytes: 1e6, totalBytes: 1e6 });
    const odd = await zipArchive.pack([...entries, file("bundle.sig", "{}")]);
    await expect(open(odd)).rejects.toThrow(/signature file/);
  });
});

describe("a bundle with bad intentions is refused", () => {
  const yaml = "workflows/aaaaaaaa.workflow.yaml";

  it.each([
    ["a way out", "../../../../xaaaaa.workflow.yaml", /invalid relative path/],
    ["an absolute path", "/workflows/aaaaaaa.workflow.yaml", /absolute path/],
    ["a drive", "C:/kflows/aaaaaaaa.workflow.yaml", /absolute path/],
    ["a backslash", "workflows\\aaaaaaaa.workflow.yaml", /invalid characters/],
    ["another folder", "secrets_/aaaaaaaaa.workflow.yaml", /is in none of agents/],
    ["a folder deeper", "workflows/aaaa/aaa.workflow.yaml", /not a file directly in workflows/],
    ["a hidden file", "workflows/.aaaaaaa.workflow.yaml", /characters that file names should not have/],
    ["a reserved name", "workflows/nul.aaaa.workflow.yaml", /reserve/],
    ["another kind of file", "workflows/aaaaaaaa.workflow.yexe", /does not end with/],
  ])("because of %s", async (_, path, reason) => {
    const bytes = renamed(await forged([file(yaml, "id: a\n")], [path]), yaml, path);
    await expect(open(bytes)).rejects.toMatchObject({
      name: "BundleRefused",
      message: expect.stringMatching(reason),
    });
  });

  it("because of a link", async () => {
    const bytes = await forged([{ ...file(yaml, "/etc/passwd"), mode: 0o120777 }]);
    await expect(open(bytes)).rejects.toThrow(/is a link or a device/);
  });

  it("because a file is in it twice, or differs from another in case alone", async () => {
    await expect(open(await forged([file(yaml, "a"), file(yaml, "b")]))).rejects.toThrow(/in it twice/);
    const upper = yaml.replace("aaaaaaaa", "AAAAAAAA");
    await expect(open(await forged([file(yaml, "a"), file(upper, "b")]))).rejects.toThrow(/case alone/);
    await expect(make([file(yaml, "a"), file(upper, "b")])).rejects.toThrow(/case alone/);
  });

  it("because a file was changed, is missing, or is not in the manifest", async () => {
    const bytes = Buffer.from(await make());
    const entries = await zipArchive.unpack(bytes, { entries: 10, entryBytes: 1e6, totalBytes: 1e6 });
    const changed = entries.map((entry) =>
      entry.path === FILES[0]?.path ? { ...entry, bytes: Buffer.from("id: c\n") } : entry,
    );
    await expect(open(await zipArchive.pack(changed))).rejects.toThrow(/checksum is different/);
    await expect(open(await zipArchive.pack(entries.slice(0, -1)))).rejects.toThrow(
      /in its manifest and not in it/,
    );
    const more = [...entries, file("agents/more.prompt", "")];
    await expect(open(await zipArchive.pack(more))).rejects.toThrow(/not in its manifest/);
  });

  it("because it unpacks to more than it may, whatever it says of its size", {
    timeout: 20_000,
  }, async () => {
    const zeros = { path: yaml, bytes: Buffer.alloc(40_000_000) };
    const bomb = await forged([zeros]);
    expect(bomb.length).toBeLessThan(100_000);
    await expect(open(bomb)).rejects.toThrow(/40000000 bytes; 1000000 are allowed/);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(40_000_000);
    const small = Buffer.alloc(4);
    small.writeUInt32LE(5);
    const liar = renamed(bomb, size.toString("latin1"), small.toString("latin1"));
    await expect(open(liar)).rejects.toMatchObject({ name: "BundleRefused" });
    const many = Array.from({ length: 2001 }, (_, index) => file(`agents/a${index}.prompt`, ""));
    await expect(open(await forged(many))).rejects.toThrow(/2002 files; 2000 are allowed/);
  });

  it("because it is no bundle, cut short, or of a later format", async () => {
    await expect(open(Buffer.from("hello"))).rejects.toMatchObject({ name: "BundleRefused" });
    await expect(open((await make()).slice(0, -30))).rejects.toMatchObject({ name: "BundleRefused" });
    await expect(open(await zipArchive.pack([file("x", "")]))).rejects.toThrow(/not a bundle/);
    await expect(open(await zipArchive.pack([file("bundle.json", '{"format": 2}')]))).rejects.toThrow(
      /format 2/,
    );
    await expect(open(await zipArchive.pack([file("bundle.json", "{")]))).rejects.toThrow(/not JSON/);
  });
});

describe("what installing would do", () => {
  const manifest = {
    format: 1,
    ...IDENTITY,
    files: [
      { path: "agents/new.prompt", sha256: "1", size: 1 },
      { path: "agents/same.prompt", sha256: "2", size: 1 },
      { path: "agents/older.prompt", sha256: "3", size: 1 },
      { path: "agents/edited.prompt", sha256: "4", size: 1 },
    ],
  } as const;
  const present = new Map([
    ["agents/same.prompt", "2"],
    ["agents/older.prompt", "30"],
    ["agents/edited.prompt", "mine"],
    ["agents/gone.prompt", "5"],
    ["agents/own.prompt", "6"],
  ]);

  it("tells what comes, what changes, what somebody has edited, and what stays behind", () => {
    const before = {
      ...manifest,
      files: [
        { path: "agents/older.prompt", sha256: "30", size: 1 },
        { path: "agents/edited.prompt", sha256: "40", size: 1 },
        { path: "agents/gone.prompt", sha256: "5", size: 1 },
      ],
    };
    expect(planOf(manifest, present, before)).toEqual({
      changes: [
        { path: "agents/new.prompt", change: "adds", isEdited: false },
        { path: "agents/same.prompt", change: "unchanged", isEdited: false },
        { path: "agents/older.prompt", change: "replaces", isEdited: false },
        { path: "agents/edited.prompt", change: "replaces", isEdited: true },
        { path: "agents/gone.prompt", change: "leaves", isEdited: false },
      ],
      collisions: [],
    });
  });

  it("finds files there whose names differ by case alone", () => {
    const there = new Map([["agents/NEW.prompt", "1"]]);
    expect(planOf(manifest, there, null).collisions).toEqual(["agents/new.prompt and agents/NEW.prompt"]);
  });
});
