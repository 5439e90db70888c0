/** The kinds of fields that are written here (protobuf's wire types). */
const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/** The longest number: a tag or a length takes at most this many bytes. */
const MOST_VARINT = 10;

/** Writes protobuf fields one behind the other; a message is begun, filled and ended, and may stand in another. */
export class ProtobufWriter {
  #bytes: Uint8Array;
  #at = 0;

  /** Begins with room for so many bytes; it grows. */
  constructor(room: number) {
    this.#bytes = new Uint8Array(Math.max(room, 64));
  }

  /** Everything that was written. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  /** Begins a message; `end` is to be told what this answers. */
  begin(field: number): number {
    this.#reserve(2 * MOST_VARINT);
    this.#tag(field, LENGTH_DELIMITED);
    return ++this.#at;
  }

  /** Ends the message that begins at `start`: its length stands before it, and most have room for it in one byte. */
  end(start: number): void {
    const length = this.#at - start;
    if (length < 0x80) {
      this.#bytes[start - 1] = length;
      return;
    }
    this.#reserve(MOST_VARINT);
    const more = varintSize(length) - 1;
    this.#bytes.copyWithin(start + more, start, this.#at);
    this.#at = start - 1;
    this.#varint(length);
    this.#at += length;
  }

  text(field: number, text: string): void {
    const { length } = text;
    this.#reserve(length + 2 * MOST_VARINT);
    const before = this.#at;
    this.#tag(field, LENGTH_DELIMITED);
    this.#varint(length);
    const bytes = this.#bytes;
    let at = this.#at;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) {
        this.#at = before;
        this.#blob(field, Buffer.from(text));
        return;
      }
      bytes[at++] = code;
    }
    this.#at = at;
  }

  /** Bytes that are written as hexadecimal digits. */
  hex(field: number, digits: string): void {
    const count = digits.length >> 1;
    this.#reserve(count + 2 * MOST_VARINT);
    this.#tag(field, LENGTH_DELIMITED);
    this.#varint(count);
    const bytes = this.#bytes;
    const at = this.#at;
    for (let index = 0; index < count; index++)
      bytes[at + index] =
        (digit(digits.charCodeAt(2 * index)) << 4) | digit(digits.charCodeAt(2 * index + 1));
    this.#at = at + count;
  }

  /** A whole number of at most 64 bits. */
  integer(field: number, value: number): void {
    this.#reserve(2 * MOST_VARINT);
    this.#tag(field, VARINT);
    if (value >= 0) this.#varint(value);
    else this.#negative(value);
  }

  double(field: number, value: number): void {
    this.#reserve(MOST_VARINT + 8);
    this.#tag(field, FIXED_64);
    new DataView(this.#bytes.buffer).setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  fixed32(field: number, value: number): void {
    this.#reserve(MOST_VARINT + 4);
    this.#tag(field, FIXED_32);
    this.#word(value);
  }

  /** `value` × 1,000,000 as 64 bits: the nanoseconds of a time in milliseconds. A number would not hold them. */
  fixed64OfMillions(field: number, value: number): void {
    this.#reserve(MOST_VARINT + 8);
    this.#tag(field, FIXED_64);
    const upper = Math.floor(value / 0x1_0000) * 1_000_000;
    const lower = (upper % 0x1_0000) * 0x1_0000 + (value % 0x1_0000) * 1_000_000;
    this.#word(lower % 0x1_0000_0000);
    this.#word(Math.floor(upper / 0x1_0000) + Math.floor(lower / 0x1_0000_0000));
  }

  #blob(field: number, blob: Uint8Array): void {
    this.#reserve(blob.length + 2 * MOST_VARINT);
    this.#tag(field, LENGTH_DELIMITED);
    this.#varint(blob.length);
    this.#bytes.set(blob, this.#at);
    this.#at += blob.length;
  }

  #tag(field: number, type: number): void {
    this.#varint((field << 3) | type);
  }

  #varint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#at++] = rest;
  }

  /** As the 64 bits of its two's complement. */
  #negative(value: number): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 0x7fn; rest >>= 7n) this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80;
    this.#bytes[this.#at++] = Number(rest);
  }

  /** 32 bits, the lowest first. */
  #word(value: number): void {
    const bytes = this.#bytes;
    bytes[this.#at++] = value;
    bytes[this.#at++] = value >>> 8;
    bytes[this.#at++] = value >>> 16;
    bytes[this.#at++] = value >>> 24;
  }

  #reserve(count: number): void {
    const needed = this.#at + count;
    if (needed <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) size++;
  return size;
}

/** The value of a hexadecimal digit in lower case, by its code. */
function digit(code: number): number {
  return code < 0x3a ? code - 0x30 : code - 0x57;
}
