// What a browser keeps for somebody, seen from outside: the vaults, and the folder of its profile.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';

/** The names of the vaults in this browser. */
export function vaults(page: Page): Promise<string[]> {
  return page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name ?? '').filter((name) => name.startsWith('pli-')));
}

/** The records of all vaults in this browser, as they rest. */
export const records = (page: Page): Promise<string[]> => keysIn(page, 'records');

/** The files that rest in them, by their keys. */
export async function restingFiles(page: Page): Promise<string[]> {
  const parts = await keysIn(page, 'files');
  return [...new Set(parts.map((part) => part.split('/')[0]!))];
}

/** Waits until the device has noted that so many files wait in compose boxes. What it notes is sealed: its length tells. */
export async function boxHolds(page: Page, count: number): Promise<void> {
  const BYTES_OF_ONE = 95;
  const noted = async (): Promise<number> => {
    const boxes = (await rowsIn(page, 'records')).filter(({ key }) => key.startsWith('tray/'));
    return boxes.reduce((sum, { bytes }) => sum + bytes, 0);
  };
  await expect.poll(noted).toBeGreaterThan(count * BYTES_OF_ONE);
}

const keysIn = async (page: Page, store: string): Promise<string[]> => (await rowsIn(page, store)).map(({ key }) => key);

function rowsIn(page: Page, store: string): Promise<{ key: string; bytes: number }[]> {
  return page.evaluate(async (store) => {
    const found: { key: string; bytes: number }[] = [];
    for (const { name } of await indexedDB.databases()) {
      if (!name?.startsWith('pli-')) continue;
      const db = await new Promise<IDBDatabase>((done, fail) => {
        const opening = indexedDB.open(name);
        opening.onsuccess = () => done(opening.result);
        opening.onerror = () => fail(new Error('no database'));
      });
      const rows = await new Promise<{ id: string; bytes: ArrayBuffer }[]>((done) => {
        const asking = db.transaction(store).objectStore(store).getAll();
        asking.onsuccess = () => done(asking.result);
      });
      found.push(...rows.map(({ id, bytes }) => ({ key: id, bytes: bytes.byteLength })));
      db.close();
    }
    return found;
  }, store);
}

/** Waits until the page has opened its vault: what is written from then on rests on the device. Of one browser's tabs for the one that leads. */
export async function vaultIsOpen(page: Page): Promise<void> {
  // A page asks to lead when its vault is open.
  await expect.poll(() => page.evaluate(async () => (await navigator.locks.query()).held?.some(({ name }) => name?.startsWith('pli-outbox-')))).toBe(true);
}

/** Waits until so many messages rest on the device. */
export async function expectKept(page: Page, count: number): Promise<void> {
  await expect.poll(async () => (await records(page)).filter((id) => id.startsWith('message/')).length).toBe(count);
}

/** The files below a folder that hold these words, in the encodings that a browser writes. */
export function filesHolding(folder: string, words: string): string[] {
  const needles = [Buffer.from(words, 'utf8'), Buffer.from(words, 'utf16le')];
  const found: string[] = [];
  const look = (path: string) => {
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path)) look(join(path, name));
      return;
    }
    const bytes = readFileSync(path);
    if (needles.some((needle) => bytes.includes(needle))) found.push(path);
  };
  look(folder);
  return found;
}
