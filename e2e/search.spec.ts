// Looking for messages: found whatever their accents, shown with their surroundings, and no word of it in an address.
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './lib/pli';
import { SIZES } from './lib/browser';
import { ANNE, CAMILLE, INES, LUC, SOPHIE } from './lib/people';
import type { Person } from './lib/person';
import { holding, named } from './lib/words';

const FIELD = 'Rechercher dans les messages';

const field = (person: Person) => person.page.getByRole('searchbox', { name: named(FIELD) });
const hits = (person: Person) => person.page.locator('.search__hits li');

/** Sixty messages with Luc, one of which is what is looked for, far up. */
async function longHistory(person: Person): Promise<string> {
  const conversation = await person.conversationWith(LUC);
  for (let number = 1; number <= 80; number += 1) {
    const text = number === 20 ? 'L’INR de mardi est à 2,4; œdème des jambes.' : `Rien de neuf, ligne ${number}.`;
    await person.sendByCall(conversation, text);
  }
  return conversation;
}

test('C8: a message far up is found without its accents, and the way leads to it and back', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await longHistory(camille);
  await camille.open('/accueil');

  await camille.page.getByRole('link', { name: named('Recherche') }).click();
  await expect(field(camille)).toBeFocused();
  await camille.page.keyboard.type("l'inr oedeme");

  const hit = hits(camille).first();
  await expect(hit).toContainText('INR');
  await expect(hits(camille)).toHaveCount(1);
  await expect(hit.locator('mark')).toHaveText(['L’INR', 'œdème']);
  await expect(hit).toContainText(LUC.name);
  await expect(camille.page.getByText(/Cherché dans \d/).first()).toBeVisible();
  expect(camille.page.url()).not.toMatch(/inr|oedeme/i);

  await hit.getByRole('link').click();
  const found = camille.message(LUC.name, 'L’INR de mardi');
  await expect(found).toBeInViewport();
  await expect(found).toBeFocused();
  await expect(camille.message(LUC.name, 'ligne 19.')).toBeVisible();
  await expect(camille.message(LUC.name, 'ligne 21.')).toBeVisible();
  expect(camille.page.url()).not.toMatch(/inr|oedeme/i);

  await camille.page.goBack();
  await expect(field(camille)).toHaveValue("l'inr oedeme");
  await expect(hits(camille)).toHaveCount(1);
});

test('one conversation alone is searched from its menu, closed ones too', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.sendByCall(await camille.conversationWith(LUC), 'Le mot pastèque, pour Luc.');
  await camille.sendByCall(await camille.conversationWith(INES), 'Le mot pastèque, pour Inès.');
  await camille.openConversation(LUC);

  await camille.choose('Rechercher');
  await expect(camille.page.getByText(holding(`Dans vos échanges avec ${LUC.name}`))).toBeVisible();
  await field(camille).fill('pasteques');
  await expect(hits(camille)).toHaveCount(1);
  await expect(hits(camille)).toContainText('pour Luc');

  await camille.page.getByRole('link', { name: named('Chercher partout') }).click();
  await field(camille).fill('pastèque');
  await expect(hits(camille)).toHaveCount(2);

  await camille.page.goto(`${camille.origin}/recherche?dans=${await closedConversation(camille)}`);
  await expect(camille.page.getByText(holding(`Dans vos échanges avec ${SOPHIE.name}`))).toBeVisible();
});

async function closedConversation(person: Person): Promise<string> {
  const { conversations } = await person.read<{ conversations: { id: string; friend: { name: string } }[] }>('conversations.list_conversations');
  const found = conversations.find(({ friend }) => friend.name === SOPHIE.name);
  if (!found) throw new Error(`${SOPHIE.name} is not in the list`);
  return found.id;
}

test('filters narrow the search; nothing found says what was searched', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  const conversation = await camille.conversationWith(LUC);
  await camille.sendByCall(conversation, 'Le guide : https://exemple.test/guide');
  await luc.sendByCall(conversation, 'Le guide est bien');
  await camille.open(`/recherche?dans=${conversation}`);

  await field(camille).fill('guide');
  await expect(hits(camille)).toHaveCount(2);
  await camille.page.getByText('Filtrer').click();
  await camille.page.getByRole('checkbox', { name: named('Avec un lien') }).check();
  await expect(hits(camille)).toHaveCount(1);
  await camille.page.getByRole('combobox', { name: named('Écrit par') }).selectOption({ label: LUC.name });
  await expect(camille.page.getByText('Aucun message trouvé')).toBeVisible();
  await expect(camille.page.getByText(/Cherché dans \d+ messages d['’]une conversation/).first()).toBeVisible();
  await camille.button('Retirer les filtres').click();
  await expect(hits(camille)).toHaveCount(2);
});

test('people are found by their names, and the results are announced', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.open('/recherche');

  await field(camille).fill('roy');

  await expect(camille.page.getByRole('link', { name: holding(ANNE.name) }).first()).toBeVisible();
  await expect(camille.page.locator('[aria-live=polite]').filter({ hasText: /messages? trouvés?/ })).toHaveCount(1);
});

test('by keyboard alone: the keys lead to the search, and on to the message', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const conversation = await longHistory(camille);
  await camille.openConversation(LUC);

  // Before the page is whole the keys are the browser's.
  await camille.page.locator('html[data-whole]').waitFor({ state: 'attached' });
  await camille.page.keyboard.press('Control+Shift+F');
  await expect(camille.page).toHaveURL(new RegExp(`/recherche\\?dans=${conversation}`));
  await expect(field(camille)).toBeFocused();
  await camille.page.keyboard.type('jambes');
  await camille.page.keyboard.press('Enter');
  await expect(hits(camille)).toHaveCount(1);
  const link = hits(camille).getByRole('link');
  for (let n = 0; n < 8 && !(await link.evaluate((it) => it === document.activeElement)); n += 1) await camille.page.keyboard.press('Tab');
  await camille.page.keyboard.press('Enter');

  await expect(camille.message(LUC.name, 'L’INR de mardi')).toBeFocused();
});

test('without a script a plain form searches, pages on, and leads to the message', async ({ visit }) => {
  const camille = await visit({ javaScriptEnabled: false });
  await camille.signIn(CAMILLE);
  const conversation = await longHistory(camille);
  await camille.open('/recherche');

  await field(camille).fill('rien de neuf');
  await camille.button('Rechercher').click();
  await expect(hits(camille)).toHaveCount(30);
  expect(camille.page.url()).toBe(`${camille.origin}/recherche`);
  await camille.button('Plus de messages').click();
  await expect(hits(camille)).toHaveCount(30);
  await expect(hits(camille).first()).not.toContainText('ligne 80.');

  await field(camille).fill('oedeme');
  await camille.button('Rechercher').click();
  await hits(camille).first().getByRole('link').click();
  await expect(camille.page).toHaveURL(new RegExp(`/messages/${conversation}\\?autour=`));
  await expect(camille.message(LUC.name, 'L’INR de mardi')).toBeInViewport();
});

test('PRV-02: what is typed is in no address, whatever the browser asks for', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const addresses: string[] = [];
  camille.page.on('request', (request) => addresses.push(request.url()));
  await camille.open('/recherche');

  await field(camille).fill('canariquizulu');
  await expect(camille.page.getByText('Aucun message trouvé')).toBeVisible();

  expect(addresses.filter((address) => address.includes('canari'))).toEqual([]);
  expect(addresses.some((address) => address.endsWith('conversations.search_messages'))).toBe(true);
});

test('a search that is refused says so and keeps what was typed', async ({ enter, guard }) => {
  const camille = await enter(CAMILLE);
  await camille.open('/recherche');
  await camille.page.route('**/api/v1/conversations.search_messages', (route) => route.abort());
  guard.announce(/search_messages|Failed to load resource|net::ERR_FAILED/);

  await field(camille).fill('bilan');

  await expect(camille.page.getByText('La recherche n’a pas abouti')).toBeVisible();
  await expect(field(camille)).toHaveValue('bilan');
});

for (const size of ['phone', 'tablet', 'desktop'] as const) {
  test(`what was found is accessible (${size})`, async ({ enter }) => {
    const camille = await enter(CAMILLE, { reducedMotion: 'reduce' });
    await camille.page.setViewportSize(SIZES[size]);
    await longHistory(camille);
    await camille.open('/recherche');
    await camille.page.getByText('Filtrer').click();
    await field(camille).fill('inr');
    await expect(hits(camille).first()).toBeVisible();

    for (const colorScheme of ['light', 'dark'] as const) {
      await camille.page.emulateMedia({ colorScheme });
      const { violations } = await new AxeBuilder({ page: camille.page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
    }
  });
}
