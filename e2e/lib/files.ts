// Files to send: small pictures, a PDF, sound of any length; made here, so that no two tests share one.
import { deflateSync } from 'node:zlib';
import type { Locator, Page } from '@playwright/test';
import type { Person } from './person';
import { named } from './words';

/** As `setInputFiles` takes it. */
export interface Enclosure {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

function crc(bytes: Buffer): number {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

function pngChunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc(body));
  return Buffer.concat([length, body, sum]);
}

/** A picture of one colour. */
export function png(name: string, width = 320, height = 200, grey = 120): Enclosure {
  return drawn(name, width, height, () => grey);
}

/** A picture whose every pixel is black or white, without any order: where one of them is left, it shows. */
export function noise(name: string, width: number, height: number): Enclosure & { greys: Uint8Array } {
  let seed = width * height;
  const greys = Uint8Array.from({ length: width * height }, () => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
    return (seed >> 16) & 1 ? 255 : 0;
  });
  return { ...drawn(name, width, height, (x, y) => greys[y * width + x]!), greys };
}

/** A picture in eight bits of grey. */
function drawn(name: string, width: number, height: number, grey: (x: number, y: number) => number): Enclosure {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = grey(x, y);
  }
  const buffer = Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', head),
    pngChunk('IDAT', deflateSync(rows)),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
  return { name, mimeType: 'image/png', buffer };
}

/** A PDF of one empty page. */
export function pdf(name: string): Enclosure {
  const body = [
    '%PDF-1.4',
    '1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj',
    '2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj',
    '3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] >> endobj',
    'trailer << /Size 4 /Root 1 0 R >>',
    '%%EOF',
    '',
  ].join('\n');
  return { name, mimeType: 'application/pdf', buffer: Buffer.from(body, 'latin1') };
}

/** Sound: noise that no line can compress, so many bytes long in all, and so many bytes for a second. */
export function wav(name: string, bytes: number, rate = 8_000): Enclosure {
  const buffer = Buffer.alloc(bytes);
  let seed = bytes;
  for (let at = 44; at < bytes; at++) {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
    buffer[at] = seed >> 16;
  }
  buffer.write('RIFF', 0, 'latin1');
  buffer.writeUInt32LE(bytes - 8, 4);
  buffer.write('WAVEfmt ', 8, 'latin1');
  buffer.writeUInt32LE(16, 16);
  buffer.writeUInt16LE(1, 20);
  buffer.writeUInt16LE(1, 22);
  buffer.writeUInt32LE(rate, 24);
  buffer.writeUInt32LE(rate, 28);
  buffer.writeUInt16LE(1, 32);
  buffer.writeUInt16LE(8, 34);
  buffer.write('data', 36, 'latin1');
  buffer.writeUInt32LE(bytes - 44, 40);
  return { name, mimeType: 'audio/wav', buffer };
}

/** The control that takes files. */
export const attach = (person: Person): Locator => person.button(person.words.attach);

/** The files in the box. */
export const chips = (person: Person): Locator => person.page.getByRole('list', { name: named('Pièces jointes') }).getByRole('listitem');

/** One of them. */
export const chip = (person: Person, name: string): Locator => chips(person).filter({ hasText: name });

/** The way to have a file of a message. */
export const download = (person: Person, name: string): Locator =>
  person.page.getByRole('link', { name: new RegExp(`^Télécharger ${name.replace(/[.]/g, '\\.')}`) });

/** Gives files to the conversation as a clipboard or a drag does. */
export async function give(page: Page, way: 'paste' | 'drop', files: Enclosure[]): Promise<void> {
  const given = files.map(({ name, mimeType, buffer }) => ({ name, mimeType, text: buffer.toString('base64') }));
  await page.evaluate(
    ([way, given]) => {
      const data = new DataTransfer();
      for (const { name, mimeType, text } of given) {
        const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        data.items.add(new File([bytes], name, { type: mimeType }));
      }
      const shared = { bubbles: true, cancelable: true };
      const event =
        way === 'paste'
          ? new ClipboardEvent('paste', { ...shared, clipboardData: data })
          : new DragEvent('drop', { ...shared, dataTransfer: data });
      document.getElementById('ecrire')!.dispatchEvent(event);
    },
    [way, given] as const,
  );
}
