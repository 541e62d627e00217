// Files that are looked at where they are: a video plays in its place, a PDF opens in a tab of its own.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page, Response } from '@playwright/test';
import { expect, test } from './lib/pli';
import { expectNoViolation } from './lib/actions';
import { SIZES } from './lib/browser';
import { attach, download, type Enclosure, pdf, png } from './lib/files';
import { CAMILLE, FATOU, LUC, type Persona } from './lib/people';
import { hydrated, type Person } from './lib/person';
import { holding, named } from './lib/words';

/** Two seconds of WebM, as a browser records. */
const film = (name: string): Enclosure => ({
  name,
  mimeType: 'video/webm',
  buffer: readFileSync(join(import.meta.dirname, '../server/tests/attachments/recorded/chromium-film.webm')),
});

/** The head of an MP4 and nothing else: what it is can be told, playing it cannot. */
const hollow = (name: string): Enclosure => ({
  name,
  mimeType: 'video/mp4',
  buffer: Buffer.from('\0\0\0\x10ftypisom0000', 'latin1'),
});

const UNPLAYABLE = 'Cette vidéo ne peut pas être lue ici. Téléchargez-la pour la voir.';

const video = (person: Person, name: string): Locator => person.page.getByLabel(named(`Vidéo ${name}`));
const stage = (person: Person): Locator => person.page.locator('.video__stage').last();
const open = (person: Person, name: string): Locator =>
  person.page.getByRole('link', { name: named(`Ouvrir ${name} dans un nouvel onglet`) });

type Enter = (persona: Persona) => Promise<Person>;

/** Camille sends files to Luc, who has the conversation open; its id. */
async function sends(enter: Enter, words: string, files: Enclosure[]): Promise<[Person, Person, string]> {
  const [camille, luc] = [await enter(CAMILLE), await enter(LUC)];
  await luc.openConversation(CAMILLE);
  const conversation = await camille.openConversation(LUC);
  await attach(camille).setInputFiles(files);
  await camille.write(LUC.name, words);
  await expect(luc.message(CAMILLE.name, words)).toHaveCount(1);
  return [camille, luc, conversation];
}

/** What a player has fetched. */
function fetched(page: Page): Response[] {
  const answers: Response[] = [];
  page.on('response', (answer) => {
    if (answer.request().resourceType() === 'media') answers.push(answer);
  });
  return answers;
}

/** Goes on by Tab until an element has the focus. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  for (let n = 0; n < 80; n++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('Tab does not lead there');
}

test('ATT-05: a video plays in its place, by keyboard, by ranges, and not before somebody wants it', async ({ enter }) => {
  const [camille, luc] = [await enter(CAMILLE), await enter(LUC)];
  const answers = fetched(luc.page);
  await luc.openConversation(CAMILLE);
  await camille.openConversation(LUC);
  await attach(camille).setInputFiles([film('Marche.webm')]);
  await camille.write(LUC.name, 'Voici la marche.');
  await expect(luc.message(CAMILLE.name, 'Voici la marche.')).toHaveAccessibleName(holding('pièce jointe Marche.webm'));
  const shown = video(luc, 'Marche.webm');
  await expect(shown).toHaveJSProperty('videoWidth', 160);
  expect(await shown.evaluate((video: HTMLVideoElement) => [video.paused, video.currentTime, video.autoplay])).toEqual([true, 0, false]);

  await luc.message(CAMILLE.name, 'Voici la marche.').focus();
  await tabTo(luc.page, shown);
  await luc.page.keyboard.press('Space');

  await expect.poll(() => shown.evaluate((video: HTMLVideoElement) => video.currentTime)).toBeGreaterThan(0);
  await expect(download(luc, 'Marche.webm')).toBeVisible();
  const [answer] = answers;
  expect(answer?.status()).toBe(206);
  expect(await answer?.request().headerValue('range')).toMatch(/^bytes=0-/);
  expect(await answer?.headerValue('content-disposition')).toMatch(/^attachment;/);
  expect(await answer?.headerValue('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
});

test('the room of a video is the same before it comes, after, and when it cannot be played', async ({ enter }) => {
  const [, luc, conversation] = await sends(enter, 'Deux films.', [film('Marche.webm')]);
  let release = () => {};
  const held = new Promise<void>((done) => (release = done));
  await luc.page.route('**/api/v1/attachments/*', async (route) => {
    if (route.request().resourceType() === 'media') await held;
    await route.continue();
  });
  // A browser counts a page as loaded once its videos have begun to come.
  await luc.page.goto(`${luc.origin}/messages/${conversation}`, { waitUntil: 'commit' });
  await hydrated(luc.page);
  await luc.page.locator('html[data-whole]').waitFor({ state: 'attached' });

  const before = await stage(luc).boundingBox();
  release();
  await expect(video(luc, 'Marche.webm')).toHaveJSProperty('videoHeight', 120);

  expect(await stage(luc).boundingBox()).toEqual(before);
  expect(Math.abs((before?.width ?? 0) * 0.75 - (before?.height ?? 0))).toBeLessThanOrEqual(1);
});

test('a video that the browser cannot play says so in its room, also on a page that comes anew, and is a file to have', async ({ enter }) => {
  const [, luc, conversation] = await sends(enter, 'Un film sans images.', [hollow('Vide.mp4')]);

  for (const isAnew of [false, true]) {
    if (isAnew) await luc.open(`/messages/${conversation}`);
    await expect(stage(luc).getByText(named(UNPLAYABLE))).toBeVisible();
    await expect(video(luc, 'Vide.mp4')).toBeHidden();
    await expect(download(luc, 'Vide.mp4')).toBeVisible();
    const box = await stage(luc).boundingBox();
    expect(Math.abs((box?.width ?? 0) * 0.75 - (box?.height ?? 0))).toBeLessThanOrEqual(1);
  }
});

test('ATT-04: a PDF opens in a tab of its own, behind the walls of every file; with scripts, or of another kind, it does not', async ({ enter }) => {
  const report = pdf('Rapport.pdf');
  const scripts = pdf('Scripts.pdf');
  scripts.buffer = Buffer.concat([scripts.buffer, Buffer.from('<< /S /JavaScript /JS (app.alert(1)) >>')]);
  const [, luc] = await sends(enter, 'Trois pièces.', [report, scripts, png('plaie.png')]);
  const get = (person: Person, href: string | null) => person.context.request.get(luc.origin + href);

  const link = open(luc, 'Rapport.pdf');
  await expect(link).toHaveText(named('Ouvrir'));
  await expect(link).toHaveAttribute('target', '_blank');
  await expect(link).toHaveAttribute('rel', /\bnoopener\b/);
  const href = await link.getAttribute('href');
  const shown = await get(luc, href);

  expect(shown.status()).toBe(200);
  expect((await shown.body()).equals(report.buffer)).toBe(true);
  const heads = shown.headers();
  expect(heads['content-type']).toBe('application/pdf');
  expect(heads['content-disposition']).toMatch(/^inline; filename="Rapport\.pdf"/);
  expect(heads['content-security-policy']).toBe("sandbox; default-src 'none'; frame-ancestors 'none'");
  expect(heads['x-content-type-options']).toBe('nosniff');
  expect(heads['cross-origin-resource-policy']).toBe('same-origin');
  expect(heads['cache-control']).toBe('no-store');
  const kept = await get(luc, await download(luc, 'Rapport.pdf').getAttribute('href'));
  expect(kept.headers()['content-disposition']).toMatch(/^attachment;/);

  await expect(luc.page.getByText(/Ce PDF contient des scripts/)).toBeVisible();
  await expect(open(luc, 'Scripts.pdf')).toHaveCount(0);
  const picture = await luc.message(CAMILLE.name, 'Trois pièces.').getByRole('link', { name: /^Agrandir/ }).getAttribute('href');
  for (const other of [picture, await download(luc, 'Scripts.pdf').getAttribute('href')]) {
    expect((await get(luc, other)).status()).toBe(200);
    expect((await get(luc, `${other}/view`)).status()).toBe(404);
  }
  expect((await get(await enter(FATOU), href)).status()).toBe(404);
});

test('without a script a video has its controls, a PDF its tab, and both are files to have', async ({ enter, visit }) => {
  await sends(enter, 'Sans script.', [film('Marche.webm'), pdf('Rapport.pdf')]);

  const luc = await visit({ javaScriptEnabled: false });
  await luc.signIn(LUC);
  await luc.openConversation(CAMILLE);

  const shown = video(luc, 'Marche.webm');
  await expect(shown).toBeVisible();
  await expect(shown).toHaveAttribute('controls');
  await expect(shown).toHaveAttribute('preload', 'metadata');
  for (const name of ['Marche.webm', 'Rapport.pdf']) await expect(download(luc, name)).toBeVisible();
  const answer = await luc.context.request.get(luc.origin + (await open(luc, 'Rapport.pdf').getAttribute('href')));
  expect(answer.headers()['content-disposition']).toMatch(/^inline;/);
});

test('on a phone and at a desk a video and a PDF are easy to press, and have no flaw for who cannot see them', async ({ enter }) => {
  const [, luc] = await sends(enter, 'Pour voir.', [film('Marche.webm'), hollow('Vide.mp4'), pdf('Rapport.pdf')]);
  await expect(stage(luc).getByText(named(UNPLAYABLE))).toBeVisible();

  for (const size of ['phone', 'desktop'] as const) {
    await luc.page.setViewportSize(SIZES[size]);
    const link = await open(luc, 'Rapport.pdf').boundingBox();
    expect(link?.height, size).toBeGreaterThanOrEqual(44);
    expect(link?.width, size).toBeGreaterThanOrEqual(44);
    const wide = await luc.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide, size).toBe(0);
    await expectNoViolation(luc, `files to look at, ${size}`);
  }
});
