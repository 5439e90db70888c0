import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";
import { ZipFile as ZipWriter } from "yazl";
import { BundleRefused } from "../../engine/errors.ts";
import type { Archive, ArchiveEntry, ArchiveLimits } from "../../engine/ports/bundles.ts";

const PLAIN = { mode: 0o100644, forceDosTimestamp: true, compressionLevel: 9 } as const;
const FILE_TYPE = 0o170000;
const REGULAR = 0o100000;

/** Archives as zip files: every system opens them, and their directory says how large everything is before it is read. */
export const zipArchive: Archive = {
  async pack(entries) {
    const zip = new ZipWriter();
    // The zip format keeps local time: the beginning of its first year is the same bytes in every time zone.
    const options = { ...PLAIN, mtime: new Date(1980, 0, 1) };
    for (const { path, bytes } of entries) zip.addBuffer(Buffer.from(bytes), path, options);
    zip.end();
    const chunks: Buffer[] = [];
    for await (const chunk of zip.outputStream) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  },

  async unpack(bytes, limits) {
    try {
      const zip = await fromBufferPromise(Buffer.from(bytes), {
        lazyEntries: true,
        validateEntrySizes: true,
        strictFileNames: true,
      });
      if (zip.entryCount > limits.entries)
        throw new BundleRefused(`it has ${zip.entryCount} files; ${limits.entries} are allowed`);
      return await entriesOf(zip, limits);
    } catch (cause) {
      if (cause instanceof BundleRefused) throw cause;
      // Whatever the library finds wrong with the bytes is wrong with the bundle.
      throw new BundleRefused(
        `it cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
        {
          cause,
        },
      );
    }
  },
};

async function entriesOf(zip: ZipFile, limits: ArchiveLimits): Promise<readonly ArchiveEntry[]> {
  const entries: ArchiveEntry[] = [];
  let total = 0;
  for await (const entry of zip.eachEntry()) {
    mustBePlain(entry);
    const { fileName: path, uncompressedSize } = entry;
    if (uncompressedSize > limits.entryBytes)
      throw new BundleRefused(`"${path}" has ${uncompressedSize} bytes; ${limits.entryBytes} are allowed`);
    total += uncompressedSize;
    if (total > limits.totalBytes)
      throw new BundleRefused(`its files have more than the ${limits.totalBytes} bytes that are allowed`);
    entries.push({ path, bytes: await contentOf(zip, entry) });
  }
  return entries;
}

/** A link would lead elsewhere when it is written; a folder has nothing to say. */
function mustBePlain(entry: Entry): void {
  const { fileName, externalFileAttributes, versionMadeBy } = entry;
  if (fileName.endsWith("/")) throw new BundleRefused(`"${fileName}" is a folder`);
  const type = (externalFileAttributes >>> 16) & FILE_TYPE;
  const isUnix = versionMadeBy >>> 8 === 3;
  if (isUnix && type !== 0 && type !== REGULAR)
    throw new BundleRefused(`"${fileName}" is a link or a device`);
  if (entry.isEncrypted()) throw new BundleRefused(`"${fileName}" is encrypted`);
}

/** More bytes than the directory said are an error of the stream's: a bomb never gets larger than it admits. */
async function contentOf(zip: ZipFile, entry: Entry): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
