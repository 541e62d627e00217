// Every page at the four sizes, light and dark, into target/shots. By `cargo xtask shots`.
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from './lib/pli';
import { SIZES } from './lib/browser';
import { refusal } from './lib/guard';
import { fresh, walkThrough } from './lib/installation';
import { CAMILLE, VIEWS } from './lib/pages';
import type { Person } from './lib/person';

const FOLDER = resolve(import.meta.dirname, '../target/shots');

test.beforeAll(() => mkdirSync(FOLDER, { recursive: true }));

for (const view of VIEWS) {
  test(view.name, async ({ visit, guard }) => {
    if (view.name === 'introuvable') guard.announce(...refusal(404));
    for (const colorScheme of ['light', 'dark'] as const) {
      const person = await visit({ colorScheme, reducedMotion: 'reduce' });
      if (view.isSignedIn) await person.signIn(CAMILLE);
      for (const viewport of Object.values(SIZES)) {
        await person.page.setViewportSize(viewport);
        await view.open(person);
        await person.page.evaluate(() => document.fonts.ready);
        await photosShown(person);
        await person.page.screenshot({ path: `${FOLDER}/${view.name}-${viewport.width}-${colorScheme}.png` });
      }
      await person.context.close();
    }
  });
}

fresh('a new installation', async ({ visit, setUpLink }) => {
  await walkThrough(visit, setUpLink, async (person: Person, name) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await person.page.emulateMedia({ colorScheme });
      for (const viewport of Object.values(SIZES)) {
        await person.page.setViewportSize(viewport);
        await person.page.screenshot({ path: `${FOLDER}/${name}-${viewport.width}-${colorScheme}.png` });
      }
    }
  });
});

/** Waits until the pictures in sight are there. */
async function photosShown(person: Person): Promise<void> {
  await person.page.waitForFunction(() =>
    [...document.images].filter((image) => image.getBoundingClientRect().top < innerHeight).every((image) => image.complete),
  );
}
