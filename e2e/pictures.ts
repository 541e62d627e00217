// The pictures of the documents: the README's, and the help page's three steps with their orange frames.
// By `cargo xtask shots --docs`; they are committed, and shown by the help page.
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { test } from './lib/pli';
import { ANNE, CAMILLE } from './lib/people';
import type { Person } from './lib/person';
import { words } from './lib/words';

const DOCS = resolve(import.meta.dirname, '../docs/pictures');
const HELP = resolve(import.meta.dirname, '../public/aide');
const STEP_SIZE = { width: 640, height: 420 };

test.beforeAll(() => [DOCS, HELP].forEach((folder) => mkdirSync(folder, { recursive: true })));

/** Frames a control in orange, as the help page speaks of it. */
async function frame(control: Locator): Promise<void> {
  await control.first().evaluate((element) => {
    const style = (element as HTMLElement).style;
    style.outline = '4px solid var(--color-point)';
    style.outlineOffset = '-4px';
    style.borderRadius = getComputedStyle(element).borderRadius;
  });
}

/** The line of the demonstration has no place in the help. */
async function withoutStrip(page: Page): Promise<void> {
  await page.locator('.demo-strip').evaluateAll((strips) => strips.forEach((strip) => strip.remove()));
}

/** A picture around a control, at twice the size so that it stays sharp. */
async function take(page: Page, path: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.mouse.move(0, 0);
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
}

for (const language of ['fr', 'en'] as const) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`the three steps, ${language}, ${colorScheme}`, async ({ enter }) => {
      const camille = await enter(CAMILLE, { viewport: STEP_SIZE, colorScheme, deviceScaleFactor: 1.5, reducedMotion: 'reduce' });
      await camille.call('accounts.save_settings', { guide_step: 4, language: `${language}-CA` });
      camille.words = words(language);
      const path = (step: number) => `${HELP}/etape-${step}.${language}.${colorScheme}.png`;

      await camille.open('/accueil');
      await withoutStrip(camille.page);
      await frame(camille.tab(camille.words.network));
      await take(camille.page, path(1));

      await camille.open('/reseau');
      await withoutStrip(camille.page);
      await camille.plane(ANNE.name).first().evaluate((plane) => plane.scrollIntoView({ block: 'end' }));
      await camille.page.locator('main').evaluate((main) => main.scrollBy(0, 40));
      await frame(camille.plane(ANNE.name));
      await take(camille.page, path(2));

      await camille.openConversation(ANNE);
      await withoutStrip(camille.page);
      await camille.compose(ANNE.name).fill(language === 'fr' ? 'Merci Anne, je regarde le tracé.' : 'Thank you Anne, I am looking at it.');
      await frame(camille.arrow);
      await take(camille.page, path(3));
    });
  }
}

test('the picture of the README', async ({ enter }) => {
  const camille: Person = await enter(CAMILLE, {
    viewport: { width: 1280, height: 800 },
    colorScheme: 'light',
    deviceScaleFactor: 2,
    reducedMotion: 'reduce',
  });
  await camille.openConversation(ANNE);
  await take(camille.page, `${DOCS}/conversation.png`);
});
