// A picture is changed on the device: what was made unreadable never leaves it, and the picture as it was does not either.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './lib/pli';
import { boxHolds, restingFiles, vaultIsOpen } from './lib/device';
import { canvases, draw, drawsNothing, writesLate, edit, editor, greysOf, type Part, pick, roughness, type Seen, seen, tabTo, touch } from './lib/editor';
import { attach, chip, chips, noise, pdf } from './lib/files';
import { CAMILLE, LUC } from './lib/people';
import { hydrated, type Person } from './lib/person';
import { holding } from './lib/words';

const SIZE: [number, number] = [640, 480];

/** Everything that a page tells of files: what was begun, and all bytes. */
function told(page: Page): { begun: number; bytes: Buffer[] } {
  const told = { begun: 0, bytes: [] as Buffer[] };
  page.on('request', (request) => {
    if (request.url().endsWith('attachments.begin_upload')) told.begun += 1;
    if (request.method() === 'PATCH') told.bytes.push(request.postDataBuffer() ?? Buffer.alloc(0));
  });
  return told;
}

/** The picture of a message, whole and small, as the friend has it. */
async function received(luc: Person, words: string): Promise<{ whole: Seen; small: Seen }> {
  const link = luc.message(CAMILLE.name, words).getByRole('link', { name: /^Agrandir/ });
  await expect(link).toHaveCount(1);
  const address = (await link.getAttribute('href'))!;
  return { whole: await seen(luc, address), small: await seen(luc, `${address}/thumbnail`) };
}

/** The greatest part of a picture's pixels that differ from the original by no more than JPEG does. */
const alike = (one: number[], other: number[]): number => one.filter((grey, index) => Math.abs(grey - other[index]!) < 24).length / one.length;

test('C7: what was blurred, barred and cropped is nowhere on the server, and no byte of the original was sent', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await luc.openConversation(CAMILLE);
  await camille.openConversation(LUC);
  await vaultIsOpen(camille.page);
  const sent = told(camille.page);
  const original = noise('plaie.png', ...SIZE);
  await attach(camille).setInputFiles([original]);
  await expect(chip(camille, 'plaie.png')).toContainText('Image');
  const before = await restingFiles(camille.page);
  expect(before.length).toBe(1);

  await edit(camille, 'plaie.png');
  await camille.button('Flouter').click();
  await draw(camille, SIZE, [80, 60, 280, 220]);
  await camille.button('Barre noire').click();
  await draw(camille, SIZE, [320, 300, 560, 360]);
  await camille.button('Rogner').click();
  await draw(camille, SIZE, [40, 30, 600, 450]);
  // What is still being drawn counts as well.
  await camille.button('Terminer').click();
  await expect(editor(camille)).toHaveCount(0);
  await expect(chips(camille)).toHaveCount(1);
  await expect(camille.button('Modifier plaie.png')).toBeFocused();
  expect(sent.begun).toBe(0);
  // One file rests here, and it is another one.
  await expect.poll(async () => (await restingFiles(camille.page)).length).toBe(1);
  expect(await restingFiles(camille.page)).not.toEqual(before);
  await camille.write(LUC.name, 'Plaie, sans le visage.');

  const { whole, small } = await received(luc, 'Plaie, sans le visage.');
  const [left, top] = [40, 30];
  // A pixel of the screen is a pixel of the picture or more: what was drawn is meant to within a few.
  expect(Math.abs(whole.width - 560)).toBeLessThanOrEqual(4);
  expect(Math.abs(whole.height - 420)).toBeLessThanOrEqual(4);
  const shift = offset(whole, original.greys, [left, top]);
  const there = ([a, b, c, d]: Part): [number[], number[]] => [
    greysOf(whole, whole.width, [a - shift[0], b - shift[1], c - shift[0], d - shift[1]]),
    greysOf(original, SIZE[0], [a, b, c, d]),
  ];
  const [blurred, under] = there([84, 64, 276, 216]);
  expect(blurred.every((grey, index) => Math.abs(grey - under[index]!) > 24)).toBe(true);
  const [barred] = there([324, 304, 556, 356]);
  expect(Math.max(...barred)).toBeLessThanOrEqual(8);
  // The rest is what it was: it was not all made unreadable.
  expect(alike(...there([320, 60, 580, 280]))).toBeGreaterThan(0.98);
  const scale = small.width / whole.width;
  const part = (...numbers: Part): Part => numbers.map((number, axis) => Math.round((number - shift[axis % 2]!) * scale)) as Part;
  expect(roughness(small, part(90, 70, 270, 210))).toBeLessThan(3);
  expect(Math.max(...greysOf(small, small.width, part(332, 312, 548, 348)))).toBeLessThanOrEqual(16);
  expect(roughness(small, part(330, 70, 570, 270))).toBeGreaterThan(8);
  await expect.poll(() => restingFiles(camille.page)).toEqual([]);
  const bytes = Buffer.concat(sent.bytes);
  expect(bytes.length).toBeGreaterThan(0);
  for (let at = 64; at + 32 < original.buffer.length; at += 997) expect(bytes.includes(original.buffer.subarray(at, at + 32))).toBe(false);
});

/** Where in the original the upper left corner of the cropped picture is: near where it was drawn. */
function offset(whole: Seen, greys: Uint8Array, [left, top]: [number, number]): [number, number] {
  for (let y = top - 3; y <= top + 3; y++) {
    for (let x = left - 3; x <= left + 3; x++) {
      const [one, other] = [greysOf(whole, whole.width, [0, 0, 20, 20]), greysOf({ greys }, SIZE[0], [x, y, x + 20, y + 20])];
      if (alike(one, other) > 0.98) return [x, y];
    }
  }
  throw new Error('what was to stay did not stay as it was');
}

test('C7: by keys alone a name is covered and the picture turned; what is told says so', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await luc.openConversation(CAMILLE);
  await camille.openConversation(LUC);
  const original = noise('plaie.png', ...SIZE);
  await attach(camille).setInputFiles([original]);
  const { keyboard } = camille.page;
  await tabTo(camille, 'Modifier plaie.png');
  await keyboard.press('Enter');
  await expect(editor(camille)).toBeVisible();
  await expect(camille.button('Barre noire')).toBeEnabled();

  await tabTo(camille, 'Barre noire');
  await keyboard.press('Enter');
  await expect(pick(camille)).toBeFocused();
  for (let n = 0; n < 10; n++) await keyboard.press('ArrowUp');
  for (let n = 0; n < 5; n++) await keyboard.press('Shift+ArrowDown');
  await expect(pick(camille)).toHaveAccessibleName(holding('Barre noire'));
  // Where it has come to lie is told.
  await expect(editor(camille).getByRole('status')).toHaveText((await pick(camille).getAttribute('aria-label'))!);
  await keyboard.press('Enter');
  await expect(camille.button('Barre noire')).toBeFocused();
  await expect(editor(camille).getByRole('status')).toHaveText('Appliqué.');
  await tabTo(camille, 'Flèche');
  await keyboard.press('Enter');
  await expect(pick(camille)).toBeFocused();
  await keyboard.press('Escape');
  await expect(editor(camille)).toBeVisible();
  await tabTo(camille, 'Pivoter');
  await keyboard.press('Enter');
  await tabTo(camille, 'Terminer');
  await keyboard.press('Enter');
  await expect(editor(camille)).toHaveCount(0);
  await expect(camille.button('Modifier plaie.png')).toBeFocused();
  await camille.write(LUC.name, 'Sans le nom.');

  const { whole } = await received(luc, 'Sans le nom.');
  expect([whole.width, whole.height]).toEqual([480, 640]);
  // In the middle, half as wide as the picture and a tenth as high; ten steps of 6.4 up, then five more high. Then turned.
  const [first, last] = [216 - 64 + 2, 264 - 64 + 32 - 2];
  expect(Math.max(...greysOf(whole, 480, [480 - last, 162, 480 - first, 478]))).toBeLessThanOrEqual(8);
  const turned = (x: number, y: number) => original.greys[(479 - x) * SIZE[0] + y]!;
  const [row, kept] = [greysOf(whole, 480, [0, 600, 480, 601]), Array.from({ length: 480 }, (_, x) => turned(x, 600))];
  expect(alike(row, kept)).toBeGreaterThan(0.98);
});

test('an arrow and words are drawn into the picture; what is undone or cancelled is not', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await luc.openConversation(CAMILLE);
  await camille.openConversation(LUC);
  const original = noise('plaie.png', ...SIZE);
  await attach(camille).setInputFiles([original]);

  // A browser that draws nothing is found out before anything is sent.
  const drawsAgain = await drawsNothing(camille.page);
  await camille.button('Modifier plaie.png').click();
  await expect(editor(camille).getByRole('alert')).toBeVisible();
  await expect(camille.button('Terminer')).toBeDisabled();
  await camille.button('Annuler').click();
  await expect(editor(camille)).toHaveCount(0);
  await drawsAgain();

  // Everything taken back, and a bar that is given up. However often it is turned, the first picture alone has pixels beside it.
  const kept = await canvases(camille.page);
  await edit(camille, 'plaie.png');
  for (let n = 0; n < 3; n++) await camille.button('Pivoter').click();
  for (let n = 0; n < 3; n++) await camille.button('Défaire').click();
  await expect(camille.button('Défaire')).toBeDisabled();
  expect(await kept()).toBe(1);
  await camille.button('Barre noire').click();
  await draw(camille, SIZE, [100, 100, 300, 200]);
  await camille.button('Appliquer').click();
  // A phone's Back asks before it shuts.
  const back = () => editor(camille).evaluate((dialog) => dialog.dispatchEvent(new Event('cancel', { cancelable: true })));
  expect(await back()).toBe(false);
  await expect(camille.button('Annuler')).toBeFocused();
  await expect(editor(camille).getByText(/^Des modifications seraient perdues/).first()).toBeVisible();
  await camille.button('Défaire').click();
  await expect(camille.button('Défaire')).toBeDisabled();
  expect(await back()).toBe(true);
  await camille.button('Barre noire').click();
  await camille.button('Annuler').click();
  await expect(editor(camille)).toHaveCount(0);

  // While it is written nobody shuts it. The browser may: then nothing of it counts, and what is opened after stays open.
  await edit(camille, 'plaie.png');
  await camille.button('Barre noire').click();
  await draw(camille, SIZE, [100, 100, 300, 200]);
  const write = await writesLate(camille.page);
  await camille.button('Terminer').click();
  await expect(camille.button('Annuler')).toBeDisabled();
  await camille.page.keyboard.press('Escape');
  await expect(editor(camille)).toBeVisible();
  await editor(camille).evaluate((dialog: HTMLDialogElement) => dialog.close());
  await expect(editor(camille)).toHaveCount(0);
  await edit(camille, 'plaie.png');
  await write();

  await camille.button('Flèche').click();
  // A finger that the browser takes away has placed nothing, and one that comes second moves nothing.
  const where = await pick(camille).getAttribute('aria-label');
  await touch(camille, 'pointercancel');
  await expect(pick(camille)).toHaveAttribute('aria-label', where!);
  await draw(camille, SIZE, [100, 400, 300, 300], () => touch(camille, 'pointerup'));
  await camille.button('Texte').click();
  const words = camille.page.getByRole('textbox', { name: 'Texte à écrire' });
  await words.fill('Bords nets');
  // This one chooses a word of an input method.
  await words.dispatchEvent('keydown', { key: 'Enter', isComposing: true });
  await expect(words).toHaveValue('Bords nets');
  await camille.page.keyboard.press('Enter');
  await expect(words).toHaveCount(0);
  await expect(editor(camille)).toBeVisible();
  await camille.button('Terminer').click();
  await expect(editor(camille)).toHaveCount(0);
  await camille.write(LUC.name, 'Voyez la flèche.');

  const { whole } = await received(luc, 'Voyez la flèche.');
  const same = (part: Part) => alike(greysOf(whole, SIZE[0], part), greysOf(original, SIZE[0], part));
  expect(same([100, 100, 300, 200])).toBeGreaterThan(0.98);
  expect(same([180, 340, 220, 360])).toBeLessThan(0.9);
  expect(same([64, 216, 200, 254])).toBeLessThan(0.9);
  await expect(luc.message(CAMILLE.name, 'Voyez la flèche.')).toHaveCount(1);
});

test('a picture waits on the device over a reload, and can be changed then; other files have gone meanwhile', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await luc.openConversation(CAMILLE);
  await camille.openConversation(LUC);
  await vaultIsOpen(camille.page);
  const sent = told(camille.page);
  await attach(camille).setInputFiles([noise('plaie.png', ...SIZE), pdf('Rapport.pdf')]);
  await expect(chip(camille, 'Rapport.pdf')).toContainText('PDF');
  expect(sent.begun).toBe(1);
  await boxHolds(camille.page, 2);
  await camille.page.reload();
  await hydrated(camille.page);
  await expect(chips(camille)).toHaveCount(2);

  await edit(camille, 'plaie.png');
  await camille.button('Barre noire').click();
  await camille.button('Terminer').click();
  await expect(editor(camille)).toHaveCount(0);
  await camille.write(LUC.name, 'Les deux.');

  const { whole } = await received(luc, 'Les deux.');
  expect(Math.max(...greysOf(whole, SIZE[0], [164, 220, 476, 260]))).toBeLessThanOrEqual(8);
  expect(Math.max(...greysOf(whole, SIZE[0], [164, 20, 476, 60]))).toBe(255);
});

for (const viewport of [
  { width: 390, height: 844 },
  { width: 820, height: 1180 },
  { width: 1440, height: 900 },
]) {
  test(`at ${viewport.width} px every tool is as large as a finger, by touch too, and nothing is cut`, async ({ visit }) => {
    const camille = await visit({ viewport, hasTouch: viewport.width < 1000 });
    await camille.signIn(CAMILLE);
    await camille.openConversation(LUC);
    await attach(camille).setInputFiles([noise('plaie.png', ...SIZE)]);

    await edit(camille, 'plaie.png');
    await camille.button('Texte').click();
    for (const button of await editor(camille).getByRole('button').all()) {
      const box = (await button.boundingBox())!;
      expect(Math.min(box.width, box.height), await button.innerText()).toBeGreaterThanOrEqual(43.5);
      expect(box.x >= 0 && box.x + box.width <= viewport.width && box.y + box.height <= viewport.height).toBe(true);
    }
    for (const colorScheme of ['light', 'dark'] as const) {
      await camille.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const { violations } = await new AxeBuilder({ page: camille.page }).include('.editor').analyze();
      expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`)), colorScheme).toEqual([]);
    }
    await expect(camille.button('Prendre une photo')).toHaveCount(viewport.width < 1000 ? 1 : 0);
  });
}
