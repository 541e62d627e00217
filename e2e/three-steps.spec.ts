// The three steps of the help page, by two people in two browsers, without a reload on either side.
import { expect, test } from './lib/pli';
import { SIZES } from './lib/browser';
import { ANNE, CAMILLE, LUC, MARC, NADIA, SOPHIE } from './lib/people';
import type { Person } from './lib/person';
import { named } from './lib/words';

/** Remembers that the document is the same as now. */
async function rememberDocument(person: Person): Promise<void> {
  await person.page.evaluate(() => document.documentElement.setAttribute('data-remembered', ''));
}

async function expectSameDocument(person: Person): Promise<void> {
  await expect(person.page.locator('html[data-remembered]')).toBeAttached();
}

for (const [size, viewport] of [['desktop', SIZES.desktop], ['tablet', SIZES.tablet]] as const) {
  test(`A2 A3 A4 A10 A12: find, ask, be accepted, write, be answered, without a reload (${size})`, async ({ enter }) => {
    const camille = await enter(CAMILLE, { viewport });
    const nadia = await enter(NADIA, { viewport });
    await nadia.open('/reseau');
    await rememberDocument(nadia);

    // Step 1: Réseau, where somebody is found and asked.
    await camille.open('/accueil');
    await rememberDocument(camille);
    await camille.tab(camille.words.network).click();
    await expect(camille.heading(camille.words.network)).toBeFocused();
    await camille.find('belkacem inhalo');
    await expect(camille.plane(NADIA.name)).toHaveCount(0);
    await camille.button(camille.words.request(NADIA.name)).click();
    await expect(camille.button(camille.words.cancelRequest(NADIA.name))).toBeVisible();

    // The other side sees the request come in, and accepts.
    await nadia.button(nadia.words.accept(CAMILLE.name)).click();
    await expect(nadia.plane(CAMILLE.name).first()).toBeVisible();

    // Step 2: the paper plane appears by itself; it leads to a focused compose box.
    await camille.plane(NADIA.name).first().click();
    await expect(camille.compose(NADIA.name)).toBeFocused();

    // Step 3: write, and the purple arrow.
    await camille.page.keyboard.type('Bonjour Nadia, peux-tu voir M. Gagnon demain?');
    await camille.arrow.click();
    await expect(camille.message(NADIA.name, 'peux-tu voir M. Gagnon demain?')).toBeVisible();
    await expect(camille.compose(NADIA.name)).toHaveValue('');
    await expect(camille.compose(NADIA.name)).toBeFocused();

    await nadia.plane(CAMILLE.name).first().click();
    await expect(nadia.message(CAMILLE.name, 'peux-tu voir M. Gagnon demain?')).toBeVisible();
    await nadia.write(CAMILLE.name, 'Oui, à 9 h.\nJe t’écris après 👍');

    await expect(camille.message(NADIA.name, 'Oui, à 9 h.')).toBeVisible();
    await expectSameDocument(camille);
    await expectSameDocument(nadia);
  });
}

test('A8: Messages directs under Accueil leads to a conversation as well', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.open('/accueil');

  const region = camille.directMessages;
  await region.getByRole('link', { name: new RegExp(LUC.name) }).click();

  await expect(camille.heading(LUC.name)).toBeVisible();
  await expect(camille.compose(LUC.name)).toBeVisible();
});

test('A8: an address leads there directly, also after signing in', async ({ enter, visit }) => {
  const camille = await enter(CAMILLE);
  const conversation = await camille.conversationWith(ANNE);
  const newcomer = await visit();

  await newcomer.open(`/messages/${conversation}`);
  await newcomer.page.getByRole('textbox', { name: named(newcomer.words.email) }).fill(CAMILLE.email);
  await newcomer.page.getByLabel(newcomer.words.password, { exact: true }).fill('demonstration-pli');
  await newcomer.button(newcomer.words.signIn).click();

  await expect(newcomer.heading(ANNE.name)).toBeVisible();
});

test('A9: friends carry a paper plane, nobody else does', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.open('/reseau');

  await expect(camille.plane(ANNE.name).first()).toBeVisible();
  for (const other of [MARC, NADIA, SOPHIE]) await expect(camille.plane(other.name)).toHaveCount(0);
});

test('A10: from Réseau, one action leads to a focused compose box', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.open('/reseau');

  await camille.plane(LUC.name).first().click();

  await expect(camille.compose(LUC.name)).toBeFocused();
});

test('A12: the arrow is a purple disc of at least 44 px, bottom right, asleep while the box is empty', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.openConversation(LUC);

  await expect(camille.arrow).toBeDisabled();
  await camille.compose(LUC.name).fill('Bonjour');
  await expect(camille.arrow).toBeEnabled();
  await expect(camille.arrow).toHaveCSS('background-color', 'rgb(107, 47, 191)');

  const arrow = await camille.arrow.evaluate((element) => {
    const { width, height, right, bottom } = element.getBoundingClientRect();
    return { width, height, right, bottom, radius: parseFloat(getComputedStyle(element).borderTopLeftRadius) };
  });
  const box = await camille.compose(LUC.name).evaluate((element) => element.getBoundingClientRect().right);
  expect(arrow.width).toBeGreaterThanOrEqual(44);
  expect(arrow.height).toBeGreaterThanOrEqual(44);
  expect(arrow.radius).toBeGreaterThanOrEqual(arrow.width / 2);
  expect(arrow.right).toBeGreaterThan(box);
  expect(arrow.bottom).toBeGreaterThan(SIZES.desktop.height / 2);
});
