export const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
export const PAGE_BYTES = 4096;
/** One page of the log with what stands before it. */
export const FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES;

/** A page as it was at the end of a transaction; the transaction's last one says so. */
export type Frame = { readonly page: number; readonly isCommit: boolean };

/** A write-ahead log (https://www.sqlite.org/fileformat2.html#the_write_ahead_log). */
export type Wal = {
  readonly bytes: Buffer;
  readonly frames: readonly Frame[];
  /** How many pages the database has after its last transaction. */
  readonly pages: number;
  /** The log when only so many frames of it have reached the disk. */
  upTo(frames: number): Buffer;
};

/** How many whole frames a log of so many bytes has. */
export function framesOf(bytes: number): number {
  return Math.max(0, Math.floor((bytes - HEADER_BYTES) / FRAME_BYTES));
}

/** Reads a log of which every frame is of one generation. */
export function walOf(bytes: Buffer): Wal {
  if (bytes.readUInt32BE(8) !== PAGE_BYTES) throw new Error(`pages have ${bytes.readUInt32BE(8)} bytes`);
  const salt = bytes.subarray(16, 24);
  const frames = Array.from({ length: framesOf(bytes.length) }, (_, index): Frame => {
    const at = HEADER_BYTES + index * FRAME_BYTES;
    if (!bytes.subarray(at + 8, at + 16).equals(salt)) throw new Error(`frame ${index} is of an older log`);
    return { page: bytes.readUInt32BE(at), isCommit: bytes.readUInt32BE(at + 4) > 0 };
  });
  const pages = bytes.readUInt32BE(HEADER_BYTES + (frames.length - 1) * FRAME_BYTES + 4);
  return { bytes, frames, pages, upTo: (count) => bytes.subarray(0, HEADER_BYTES + count * FRAME_BYTES) };
}

/** The content of the page in a frame. */
export function pageOf({ bytes }: Wal, frame: number): Buffer {
  const at = HEADER_BYTES + frame * FRAME_BYTES + FRAME_HEADER_BYTES;
  return bytes.subarray(at, at + PAGE_BYTES);
}
