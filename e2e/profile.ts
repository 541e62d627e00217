// Notes which functions run until each page is alive, and until its rest is here. By `cargo xtask profile`, which serves
// modules that note what runs in place of the program's own.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { chromium, type BrowserContextOptions, type Page } from '@playwright/test';
import { test } from './lib/pli';
import { CHROMIUM, CHROMIUM_FLAGS, SIZES } from './lib/browser';
import { CAMILLE, VIEWS } from './lib/pages';
import { Person } from './lib/person';
import type { Server } from './lib/server';

/** The folder of the modules that note. */
const NOTING = process.env.PLI_NOTING ?? '';

/** Where the functions that ran go: by module, their places in it. */
const REPORT = process.env.PLI_PROFILE ?? '';

/** How long a page that is alive may still work before its rest is here. */
const REST_MS = 2_000;

/** An export that holds notes, by its name: see `xtask/src/profile.rs`. */
type Note = [name: string, bits: number];

/** Whose pages come to life: sizes, languages, and clocks that differ from the server's. */
const TABLET: BrowserContextOptions = { viewport: SIZES.tablet, locale: 'fr-CA', timezoneId: 'America/Toronto' };
const BROWSERS: BrowserContextOptions[] = [
  TABLET,
  { viewport: SIZES.phone, locale: 'fr-CA', timezoneId: 'Europe/Paris' },
  { viewport: SIZES.desktop, locale: 'en-CA', timezoneId: 'UTC', colorScheme: 'dark' },
];

const ran = new Map<string, Set<number>>();

test.describe.configure({ mode: 'serial' });

for (const view of VIEWS.filter((view) => !view.isRareFirst)) {
  test(view.name, async ({ server }) => {
    for (const options of BROWSERS) {
      // Only how it comes to life counts, not how one came there.
      const before = await visitor(server, options);
      if (view.isSignedIn) await before.signIn(CAMILLE);
      await view.open(before);
      const { pathname, search } = new URL(before.page.url());
      await leave(before);
      // The first page in a browser: no service worker stands between, and the page sees to that.
      const person = await visitor(server, options);
      if (view.isSignedIn) await person.signIn(CAMILLE);
      await serveNoting(person.page);
      await person.open(pathname + search);
      await person.page.waitForTimeout(REST_MS);
      await takeNotes(person.page);
      await leave(person);
    }
  });
}

test.afterAll(() => {
  const places = [...ran].map(([module, functions]) => [module, [...functions].sort((a, b) => a - b)]);
  writeFileSync(REPORT, JSON.stringify(Object.fromEntries(places)));
});

/** Somebody at a browser of their own; without the guard of the journeys, which the exchanged modules would alarm. */
async function visitor(server: Server, options: BrowserContextOptions): Promise<Person> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
  const context = await browser.newContext(options);
  return new Person(await context.newPage(), context, server.origin, true);
}

async function leave(person: Person): Promise<void> {
  await person.context.browser()?.close();
}

/** Serves the noting modules, and keeps hold of what each exports. */
async function serveNoting(page: Page): Promise<void> {
  await page.route(/\/pkg\/[0-9a-f]+\/[a-z]+[a-z_]*\.(js|wasm|chunk)$/, async (route) => {
    const name = new URL(route.request().url()).pathname.split('/').at(-1) ?? '';
    const contentType = name.endsWith('.js') ? 'text/javascript' : 'application/wasm';
    await route.fulfill({ body: readFileSync(resolve(NOTING, name)), contentType });
  });
  await page.addInitScript(() => {
    const noted: WebAssembly.Exports[] = [];
    const notes = () =>
      noted.flatMap((exports) =>
        Object.entries(exports)
          .filter(([name]) => name.startsWith('notes:'))
          .map(([name, bits]): Note => [name, (bits as WebAssembly.Global).value as number]),
      );
    Object.assign(globalThis, { notes });
    // What waits for the rest is none of what comes before it.
    Object.defineProperty(globalThis, 'whenWhole', { get: () => () => undefined, set: () => undefined });
    for (const name of ['instantiate', 'instantiateStreaming'] as const) {
      const original = WebAssembly[name] as (...words: unknown[]) => Promise<WebAssembly.WebAssemblyInstantiatedSource>;
      Object.assign(WebAssembly, {
        [name]: async (...words: unknown[]) => {
          const made = await original.apply(WebAssembly, words);
          noted.push(made.instance.exports);
          return made;
        },
      });
    }
  });
}

async function takeNotes(page: Page): Promise<void> {
  const notes = await page.evaluate(() => (globalThis as unknown as { notes: () => Note[] }).notes());
  if (notes.length === 0) throw new Error('no module notes what runs');
  for (const [name, bits] of notes) {
    const [, module = '', number] = name.split(':');
    const known = ran.get(module) ?? new Set();
    for (let bit = 0; bit < 32; bit++) {
      if ((bits >>> bit) & 1) known.add(Number(number) * 32 + bit);
    }
    ran.set(module, known);
  }
}
