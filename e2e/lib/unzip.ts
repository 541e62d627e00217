// Reads an archive by the list at its end, as programs do.
import { inflateRawSync } from 'node:zlib';

/** What is in it: the bytes, by name. */
export function unzip(bytes: Buffer): Map<string, Buffer> {
  const end = bytes.length - 22;
  if (bytes.readUInt32LE(end) !== 0x06054b50) throw new Error('the archive has no end');
  const found = new Map<string, Buffer>();
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    const [name, extra] = [bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30)];
    const head = bytes.readUInt32LE(at + 42);
    const body = head + 30 + bytes.readUInt16LE(head + 26) + bytes.readUInt16LE(head + 28);
    const packed = bytes.subarray(body, body + bytes.readUInt32LE(at + 20));
    const whole = bytes.readUInt16LE(at + 10) === 8 ? inflateRawSync(packed) : packed;
    if (whole.length !== bytes.readUInt32LE(at + 24)) throw new Error('an entry has another length');
    found.set(bytes.toString('utf8', at + 46, at + 46 + name), whole);
    at += 46 + name + extra;
  }
  return found;
}
