// The pictures of the documents: the README's, and the help page's three steps with their orange frames.
// By `cargo xtask shots --docs`; they are committed, and shown by the help page.
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { test } from './lib/pli';
import { ANNE, CAMILLE } from './lib/people';
import type { Person } from './lib/person';

const DOCS = resolve(import.meta.dirname, '../docs/pictures');
const HELP = resolve(import.meta.dirname, '../public/aide');
const STEP_SIZE = { width: 760, height: 480 };

test.beforeAll(() => [DOCS, HELP].forEach((folder) => mkdirSync(folder, { recursive: true })));

/** Frames a control in orange, as the help page speaks of it. */
async function frame(control: Locator): Promise<void> {
  await control.first().evaluate((element) => {
    const style = (element as HTMLElement).style;
    style.outline = '4px solid #D9650B';
    style.outlineOffset = '4px';
    style.borderRadius = getComputedStyle(element).borderRadius;
  });
}

/** A picture around a control, at twice the size so that it stays sharp. */
async function take(page: Page, path: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.mouse.move(0, 0);
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the three steps, ${colorScheme}`, async ({ enter }) => {
    const camille = await enter(CAMILLE, { viewport: STEP_SIZE, colorScheme, deviceScaleFactor: 2, reducedMotion: 'reduce' });
    await camille.call('accounts.save_settings', { guide_step: 4 });
    const path = (step: number) => `${HELP}/etape-${step}-${colorScheme}.png`;

    await camille.open('/accueil');
    await frame(camille.tab(camille.words.network));
    await take(camille.page, path(1));

    await camille.open('/reseau');
    await camille.plane(ANNE.name).first().scrollIntoViewIfNeeded();
    await frame(camille.plane(ANNE.name));
    await take(camille.page, path(2));

    await camille.openConversation(ANNE);
    await camille.compose(ANNE.name).fill('Merci Anne, je regarde le tracé tout de suite.');
    await frame(camille.arrow);
    await take(camille.page, path(3));
  });
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
