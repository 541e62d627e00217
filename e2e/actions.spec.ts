// What is done with a message that is there: seen by both, undone where that is promised, and nothing lost on the way.
import AxeBuilder from '@axe-core/playwright';
import type { Locator } from '@playwright/test';
import { expect, test } from './lib/pli';
import { SIZES } from './lib/browser';
import { refusal, UNREACHABLE } from './lib/guard';
import { ANNE, CAMILLE, FATOU, LUC, PASSWORD, type Persona } from './lib/people';
import type { Person } from './lib/person';
import { holding, named } from './lib/words';

/** How long a finger stays to mean a message, and a little more. */
const LONG_PRESS_MS = 700;

/** A page at a desk, and one that is held. */
const PLACES = {
  desktop: { viewport: SIZES.desktop },
  tablet: { viewport: SIZES.tablet, hasTouch: true },
} as const;

type Place = keyof typeof PLACES;

/** The menu of a message: by its button under the mouse, or by a finger that stays. */
async function openMenu(person: Person, place: Place, friend: string, text: string): Promise<Locator> {
  const message = person.message(friend, text).last();
  const bubble = message.locator('.bubble');
  await bubble.scrollIntoViewIfNeeded();
  if (place === 'desktop') {
    await bubble.hover();
    await message.getByRole('button', { name: /^Actions pour/ }).click();
  } else {
    const box = await bubble.boundingBox();
    if (!box) throw new Error('the bubble is not on the screen');
    const at = { x: box.x + box.width / 2, y: box.y + Math.min(box.height / 2, 20) };
    const device = await person.context.newCDPSession(person.page);
    await device.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [at] });
    await person.page.waitForTimeout(LONG_PRESS_MS);
    await device.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  }
  const menu = person.page.getByRole('menu', { name: /^Actions pour/ });
  await expect(menu).toBeVisible();
  return menu;
}

async function act(person: Person, place: Place, friend: string, text: string, entry: string): Promise<void> {
  const menu = await openMenu(person, place, friend, text);
  const name = named(entry);
  await menu.getByRole('menuitem', { name }).or(menu.getByRole('menuitemcheckbox', { name })).click();
}

/** Camille and Luc in their conversation, which is empty. */
async function both(enter: (persona: Persona, options?: object) => Promise<Person>, place: Place): Promise<[Person, Person]> {
  const camille = await enter(CAMILLE, PLACES[place]);
  const luc = await enter(LUC);
  await camille.openConversation(LUC);
  await luc.openConversation(CAMILLE);
  return [camille, luc];
}

for (const place of ['desktop', 'tablet'] as const) {
  test(`a message is answered, and its quote leads to it (${place})`, async ({ enter }) => {
    const [camille, luc] = await both(enter, place);
    const conversation = await luc.conversationWith(CAMILLE);
    await luc.write(CAMILLE.name, 'Quelle dose ce matin?');
    for (let n = 1; n <= 25; n++) await luc.sendByCall(conversation, `Remplissage ${n}\nsur deux lignes`);
    await expect(camille.message(LUC.name, 'Remplissage 25')).toBeVisible();

    await act(camille, place, LUC.name, 'Quelle dose ce matin?', 'Répondre');
    await expect(camille.page.getByRole('group', { name: named(`Réponse à ${LUC.name}`) })).toContainText('Quelle dose');
    await expect(camille.compose(LUC.name)).toBeFocused();
    await camille.compose(LUC.name).fill('2,5 mg');
    await camille.arrow.click();

    await expect(camille.page.getByRole('group', { name: /^Réponse à/ })).toHaveCount(0);
    for (const [person, friend, author] of [[camille, LUC, LUC.name], [luc, CAMILLE, 'Vous']] as const) {
      const quote = person.message(friend.name, '2,5 mg').getByRole('link', { name: holding(`En réponse à ${author}`) });
      await expect(quote).toContainText('Quelle dose ce matin?');
      await quote.click();
      await expect(person.message(friend.name, 'Quelle dose ce matin?').first()).toBeInViewport();
      await expect(person.message(friend.name, 'Quelle dose ce matin?').first()).toBeFocused();
    }
    // What the server draws says the same.
    await luc.page.reload();
    await expect(luc.message(CAMILLE.name, '2,5 mg').locator('.quote')).toContainText('Quelle dose ce matin?');
  });

  test(`a word is put on a message and taken away (${place})`, async ({ enter }) => {
    const [camille, luc] = await both(enter, place);
    await luc.write(CAMILLE.name, 'Peux-tu revoir la dose?');

    await act(camille, place, LUC.name, 'revoir la dose', "Je m'en occupe");

    const onLucs = luc.message(CAMILLE.name, 'revoir la dose').getByRole('list', { name: named("Réponses d'un mot") });
    await expect(onLucs).toContainText(holding("Je m'en occupe"));
    const own = camille.message(LUC.name, 'revoir la dose').getByRole('button', { name: named("Retirer : Je m'en occupe") });
    await expect(own).toBeVisible();
    await camille.page.reload();
    await own.click();
    await expect(onLucs).toHaveCount(0);
    await expect(luc.message(CAMILLE.name, 'revoir la dose')).toHaveCount(1);
  });

  test(`a message is changed; both see it, and what it said before (${place})`, async ({ enter }) => {
    const [camille, luc] = await both(enter, place);
    await camille.write(LUC.name, 'Donne 2,5 g');

    await act(camille, place, LUC.name, 'Donne 2,5 g', 'Modifier');
    const text = camille.dialog.getByRole('textbox', { name: named('Texte du message') });
    await expect(text).toHaveValue('Donne 2,5 g');
    await text.fill('Donne 2,5 mg');
    await camille.dialog.getByRole('button', { name: named('Enregistrer') }).click();

    await expect(camille.dialog).toHaveCount(0);
    for (const [person, friend] of [[camille, LUC], [luc, CAMILLE]] as const) {
      const bubble = person.message(friend.name, 'Donne 2,5 mg');
      await expect(bubble).toHaveCount(1);
      await expect(bubble).toHaveAccessibleName(/, modifié/);
      await expect(person.message(friend.name, 'Donne 2,5 g,')).toHaveCount(0);
    }
    await luc.message(CAMILLE.name, 'Donne 2,5 mg').getByRole('button', { name: holding('Modifié') }).click();
    await expect(luc.dialog.getByRole('listitem')).toHaveText([/Donne 2,5 g$/, /Donne 2,5 mg$/]);
    await luc.page.keyboard.press('Escape');
    await expect(luc.dialog).toHaveCount(0);
    await luc.page.reload();
    await expect(luc.message(CAMILLE.name, 'Donne 2,5 mg')).toHaveAccessibleName(/, modifié/);
  });

  test(`a message is deleted for both, and leaves its trace (${place})`, async ({ enter }) => {
    const [camille, luc] = await both(enter, place);
    await camille.write(LUC.name, 'À ne pas lire');
    await expect(luc.message(CAMILLE.name, 'À ne pas lire')).toBeVisible();
    await act(luc, 'desktop', CAMILLE.name, 'À ne pas lire', 'Répondre');
    await luc.compose(CAMILLE.name).fill('Je l’ai lu.');
    await luc.arrow.click();

    await act(camille, place, LUC.name, 'À ne pas lire', 'Supprimer');
    await camille.dialog.getByRole('button', { name: named('Supprimer') }).click();

    for (const [person, friend] of [[camille, LUC], [luc, CAMILLE]] as const) {
      await expect(person.message(friend.name, 'Message supprimé')).toHaveCount(1);
      await expect(person.page.getByText('À ne pas lire')).toHaveCount(0);
      await expect(person.message(friend.name, 'Je l’ai lu.').locator('.quote')).toContainText('Message supprimé');
      await person.page.reload();
      await expect(person.message(friend.name, 'Message supprimé')).toHaveCount(1);
      await expect(person.message(friend.name, 'Je l’ai lu.').locator('.quote')).toContainText('Message supprimé');
    }
    await luc.tab(luc.words.home).click();
    await expect(luc.directMessages).toContainText('Je l’ai lu.');
  });

  test(`what was just sent is taken back, and its words are in the box (${place})`, async ({ enter }) => {
    const [camille, luc] = await both(enter, place);

    await camille.write(LUC.name, 'Envoyé trop vite');
    await camille.button("Annuler l'envoi").click();

    await expect(camille.compose(LUC.name)).toHaveValue('Envoyé trop vite');
    await expect(luc.page.getByText('Envoyé trop vite')).toHaveCount(0);
    // What had left has left its trace; what had not, none. In neither case does anybody see the words.
    await luc.page.reload();
    await expect(luc.page.getByText('Envoyé trop vite')).toHaveCount(0);
    await camille.compose(LUC.name).fill('Envoyé à temps');
    await camille.arrow.click();
    await expect(luc.message(CAMILLE.name, 'Envoyé à temps')).toHaveCount(1);
    await expect(camille.button("Annuler l'envoi")).toHaveCount(0, { timeout: 8_000 });
    await expect(luc.message(CAMILLE.name, 'Envoyé à temps')).toHaveCount(1);
  });

  test(`stars are one's own, pins are of both, and both lead back (${place})`, async ({ enter }) => {
    const [camille, luc] = await both(enter, place);
    await luc.write(CAMILLE.name, 'Le protocole est le 4B');
    await luc.write(CAMILLE.name, 'Le code du local est affiché');

    await act(camille, place, LUC.name, 'protocole', 'Épingler pour vous deux');
    await act(camille, place, LUC.name, 'code du local', 'Ajouter à vos favoris');

    await expect(luc.message(CAMILLE.name, 'protocole')).toContainText('Épinglé');
    await expect(camille.message(LUC.name, 'code du local')).toContainText('Favori');
    await expect(luc.message(CAMILLE.name, 'code du local')).not.toContainText('Favori');
    for (const [person, friend, nStarred] of [[camille, LUC, 1], [luc, CAMILLE, 0]] as const) {
      await person.choose('Messages épinglés et favoris');
      const pinned = person.dialog.getByRole('region', { name: named('Épinglés pour vous deux') });
      const starred = person.dialog.getByRole('region', { name: holding('Vos favoris') });
      await expect(pinned.getByRole('button')).toHaveCount(1);
      await expect(starred.getByRole('button')).toHaveCount(nStarred);
      await pinned.getByRole('button').click();
      await expect(person.dialog).toHaveCount(0);
      await expect(person.message(friend.name, 'protocole')).toBeFocused();
    }
    await act(luc, 'desktop', CAMILLE.name, 'protocole', "Retirer l'épingle");
    await expect(camille.message(LUC.name, 'protocole')).not.toContainText('Épinglé');
  });

  test(`a message goes to another friend after a second look (${place})`, async ({ enter }) => {
    const [camille, luc] = await both(enter, place);
    const fatou = await enter(FATOU);
    await fatou.openConversation(CAMILLE);
    await luc.write(CAMILLE.name, 'La garde change à 19 h');

    await act(camille, place, LUC.name, 'La garde change', 'Transférer');
    await camille.dialog.getByRole('searchbox').fill('fatou');
    await camille.dialog.getByRole('button', { name: holding(FATOU.name) }).click();
    await expect(camille.dialog).toContainText('sage-femme', { ignoreCase: true });
    await expect(fatou.message(CAMILLE.name, 'La garde change')).toHaveCount(0);
    await camille.dialog.getByRole('button', { name: named(`Transférer à ${FATOU.name}`) }).click();

    const arrived = fatou.message(CAMILLE.name, 'La garde change à 19 h');
    await expect(arrived).toHaveCount(1);
    await expect(arrived).toContainText('Transféré');
    await expect(arrived).not.toContainText(LUC.name);
    await expect(camille.dialog).toHaveCount(0);
  });

  test(`the menu and every question hold to the rules (${place})`, async ({ enter }) => {
    const [camille, luc] = await both(enter, place);
    await luc.write(CAMILLE.name, 'Un message de Luc');
    await act(camille, place, LUC.name, 'Un message de Luc', 'Répondre');
    await camille.compose(LUC.name).fill('Un message de Camille');
    await camille.arrow.click();
    await act(camille, place, LUC.name, 'Un message de Camille', 'Urgent');
    await act(camille, place, LUC.name, 'Un message de Camille', 'Épingler pour vous deux');
    await act(camille, place, LUC.name, 'Un message de Luc', 'Ajouter à vos favoris');
    const conversation = await camille.conversationWith(LUC);
    const { messages } = await camille.read<{ messages: { id: string }[] }>('conversations.read_timeline', { conversation });
    const message = messages.at(-1)?.id;
    await camille.call('conversations.edit_message', { message, key: crypto.randomUUID(), body: 'Un message corrigé' });
    await expect(camille.message(LUC.name, 'Un message corrigé')).toBeVisible();
    await expectNoViolation(camille, 'what is on messages');

    await openMenu(camille, place, LUC.name, 'Un message corrigé');
    await expectNoViolation(camille, 'the menu');
    await camille.page.keyboard.press('Escape');
    for (const entry of ['Modifier', 'Supprimer', "Voir ce qu'il disait avant", 'Transférer']) {
      await act(camille, place, LUC.name, 'Un message corrigé', entry);
      await expect(camille.dialog).toBeVisible();
      await expectNoViolation(camille, entry);
      await camille.page.keyboard.press('Escape');
      await expect(camille.dialog).toHaveCount(0);
    }
    await camille.choose('Messages épinglés et favoris');
    await expect(camille.dialog).toBeVisible();
    await expectNoViolation(camille, 'what is pinned and starred');
  });
}

async function expectNoViolation(person: Person, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await person.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await new AxeBuilder({ page: person.page }).withTags(tags).analyze();
    const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
    expect(found, `${what}, ${colorScheme}`).toEqual([]);
  }
}

test('all of it by keys: from message to message, into the menu, and back', async ({ enter }) => {
  const [camille, luc] = await both(enter, 'desktop');
  for (const word of ['un', 'deux', 'trois']) await luc.write(CAMILLE.name, `Mot ${word}`);
  await expect(camille.message(LUC.name, 'Mot trois')).toBeVisible();

  // One stop for the whole list: the newest message.
  await camille.page.getByRole('region', { name: holding('Historique avec') }).focus();
  await camille.page.keyboard.press('Tab');
  await expect(camille.message(LUC.name, 'Mot trois')).toBeFocused();
  await camille.page.keyboard.press('ArrowUp');
  await camille.page.keyboard.press('ArrowUp');
  await expect(camille.message(LUC.name, 'Mot un')).toBeFocused();
  await camille.page.keyboard.press('End');
  await camille.page.keyboard.press('ArrowUp');
  await expect(camille.message(LUC.name, 'Mot deux')).toBeFocused();
  await camille.page.keyboard.press('Enter');
  await expect(camille.page.getByRole('menuitemcheckbox', { name: named('Vu') })).toBeFocused();
  await camille.page.keyboard.press('ArrowDown');
  await camille.page.keyboard.press('Enter');

  await expect(luc.message(CAMILLE.name, 'Mot deux')).toContainText('Merci');
});

test('the arrow up in an empty box changes the last message; what is typed stays until it is saved', async ({ enter }) => {
  const [camille, luc] = await both(enter, 'desktop');
  await camille.write(LUC.name, 'Bonsoir Luc');
  await expect(luc.message(CAMILLE.name, 'Bonsoir Luc')).toBeVisible();

  await camille.compose(LUC.name).press('ArrowUp');
  const text = camille.dialog.getByRole('textbox', { name: named('Texte du message') });
  await text.fill('Bonjour Luc');
  await camille.page.keyboard.press('Escape');
  await expect(camille.dialog).toHaveCount(0);
  await expect(camille.compose(LUC.name)).toBeFocused();
  await camille.compose(LUC.name).press('ArrowUp');
  await expect(text).toHaveValue('Bonjour Luc');
  await camille.dialog.getByRole('button', { name: named('Enregistrer') }).click();

  await expect(luc.message(CAMILLE.name, 'Bonjour Luc')).toHaveCount(1);
});

test('what is not answered is not done, and says so; what was typed is kept', async ({ enter, guard }) => {
  guard.announce(...UNREACHABLE);
  const [camille, luc] = await both(enter, 'desktop');
  await camille.write(LUC.name, 'Avant la panne');
  await luc.write(CAMILLE.name, 'Vu?');
  await expect(camille.message(LUC.name, 'Vu?')).toBeVisible();
  await act(camille, 'desktop', LUC.name, 'Avant la panne', 'Modifier');
  await camille.page.keyboard.press('Escape');
  await camille.context.setOffline(true);

  await act(camille, 'desktop', LUC.name, 'Vu?', 'Vu');
  await expect(camille.page.getByText(/rien n’a été changé/).first()).toBeVisible();
  await act(camille, 'desktop', LUC.name, 'Avant la panne', 'Modifier');
  const text = camille.dialog.getByRole('textbox', { name: named('Texte du message') });
  await text.fill('Pendant la panne');
  await camille.dialog.getByRole('button', { name: named('Enregistrer') }).click();
  await expect(camille.dialog.getByRole('alert')).toContainText(/rien n’a été changé/);
  await expect(text).toHaveValue('Pendant la panne');
  await camille.context.setOffline(false);
  await camille.dialog.getByRole('button', { name: named('Enregistrer') }).click();

  await expect(luc.message(CAMILLE.name, 'Pendant la panne')).toHaveCount(1);
  await expect(luc.message(CAMILLE.name, 'Vu?')).not.toContainText('Vu, ');
});

test('a message taken back without a network never leaves', async ({ enter, guard }) => {
  guard.announce(...UNREACHABLE);
  const [camille, luc] = await both(enter, 'desktop');
  await camille.context.setOffline(true);

  await camille.write(LUC.name, 'Jamais parti');
  await camille.button("Annuler l'envoi").click();
  await expect(camille.compose(LUC.name)).toHaveValue('Jamais parti');
  await expect(camille.message(LUC.name, 'Jamais parti')).toHaveCount(0);
  await camille.compose(LUC.name).fill('Parti');
  await camille.arrow.click();
  await camille.context.setOffline(false);

  await expect(luc.message(CAMILLE.name, 'Parti')).toHaveCount(1, { timeout: 30_000 });
  await luc.page.reload();
  await expect(luc.history(CAMILLE.name).locator('[data-position]')).toHaveCount(1);
});

test('a page that goes within the five seconds takes no message along', async ({ enter }) => {
  const [camille, luc] = await both(enter, 'desktop');

  await camille.write(LUC.name, 'Envoyé, puis fermé');
  await expect(camille.button("Annuler l'envoi")).toBeVisible();
  await camille.page.close({ runBeforeUnload: false });

  await expect(luc.message(CAMILLE.name, 'Envoyé, puis fermé')).toHaveCount(1);
});

test('a device that was away learns of changes and deletions by the same log, in order', async ({ enter, guard }) => {
  guard.announce(...UNREACHABLE);
  const [camille, luc] = await both(enter, 'desktop');
  const conversation = await camille.conversationWith(LUC);
  for (const word of ['un', 'deux', 'trois']) await camille.sendByCall(conversation, `Absent ${word}`);
  await expect(luc.message(CAMILLE.name, 'Absent trois')).toBeVisible();
  await luc.context.setOffline(true);

  const { messages } = await camille.read<{ messages: { id: string }[] }>('conversations.read_timeline', { conversation });
  const [one, two] = messages.map(({ id }) => id);
  await camille.call('conversations.edit_message', { message: one, key: crypto.randomUUID(), body: 'Absent corrigé' });
  await camille.call('conversations.delete_message', { message: two });
  await camille.sendByCall(conversation, 'Absent quatre');
  await luc.context.setOffline(false);

  await expect(luc.message(CAMILLE.name, 'Absent quatre')).toBeVisible({ timeout: 30_000 });
  const names = luc.history(CAMILLE.name).locator('[data-position]');
  await expect(names).toHaveCount(4);
  const labels = await names.evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label') ?? ''));
  for (const [index, words] of ['Absent corrigé', 'Message supprimé', 'Absent trois', 'Absent quatre'].entries()) {
    expect(labels[index]).toContain(words);
  }
});

test('a closed channel offers what is one’s own, and nothing that the other would see', async ({ enter }) => {
  const [camille, luc] = await both(enter, 'desktop');
  await camille.write(LUC.name, 'À garder');
  await expect(luc.message(CAMILLE.name, 'À garder')).toBeVisible();
  await luc.closeChannel();
  await expect(camille.closedNotice).toBeVisible();

  const menu = await openMenu(camille, 'desktop', LUC.name, 'À garder');

  const entries = await menu.getByRole('menuitem').allInnerTexts();
  expect(entries.map((entry) => entry.trim())).toEqual(['Copier le texte', 'Transférer', 'Ajouter à vos favoris']);
  await expect(menu.getByRole('menuitemcheckbox')).toHaveCount(0);
});

test('a message of the friend is marked as unread from its menu', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const anne = await enter(ANNE);
  const conversation = await anne.conversationWith(CAMILLE);
  await anne.sendByCall(conversation, 'À relire plus tard');
  await camille.openConversation(ANNE);
  await expect(camille.message(ANNE.name, 'À relire plus tard')).toBeVisible();
  await camille.page.mouse.move(700, 500);
  const unread = async () => {
    const { conversation: shown } = await camille.read<{ conversation: { unread_count: number } }>('conversations.get_conversation', { conversation });
    return shown.unread_count;
  };
  await expect.poll(unread).toBe(0);

  await act(camille, 'desktop', ANNE.name, 'À relire plus tard', 'Marquer comme non lu');

  await expect.poll(unread).toBe(1);
});

test('without a script: react, edit, reply, pin and delete are plain forms', async ({ visit }) => {
  const camille = await visit({ javaScriptEnabled: false });
  const luc = await visit({ javaScriptEnabled: false });
  for (const [person, persona] of [[camille, CAMILLE], [luc, LUC]] as const) {
    await person.open('/connexion');
    await person.page.getByRole('textbox', { name: named(person.words.email) }).fill(persona.email);
    await person.page.getByLabel(person.words.password, { exact: true }).fill(PASSWORD);
    await person.button(person.words.signIn).click();
    await person.expectHome();
  }
  await camille.open(`/messages/${await camille.conversationWith(LUC)}`);
  await luc.open(`/messages/${await luc.conversationWith(CAMILLE)}`);
  await camille.write(LUC.name, 'Sans script, 2,5 g');
  await luc.page.reload();

  const actions = (person: Person, friend: Persona, text: string) =>
    person.message(friend.name, text).last().getByRole('link', { name: /^Actions pour/ }).click();
  await actions(luc, CAMILLE, 'Sans script');
  await luc.button("Je m'en occupe").click();
  await expect(luc.message(CAMILLE.name, 'Sans script')).toContainText(holding("Je m'en occupe"));

  await actions(camille, LUC, 'Sans script');
  await camille.page.getByRole('textbox', { name: named('Texte du message') }).fill('');
  await camille.button('Enregistrer').click();
  await expect(camille.page.getByRole('alert')).toBeVisible();
  await camille.page.getByRole('textbox', { name: named('Texte du message') }).fill('Sans script, 2,5 mg');
  await camille.button('Enregistrer').click();
  await expect(camille.message(LUC.name, 'Sans script, 2,5 mg')).toHaveAccessibleName(/, modifié/);

  await luc.page.reload();
  await actions(luc, CAMILLE, 'Sans script');
  await luc.page.getByRole('link', { name: named('Répondre') }).click();
  await luc.write(CAMILLE.name, 'Reçu sans script');
  await expect(luc.message(CAMILLE.name, 'Reçu sans script').locator('.quote')).toContainText('Sans script, 2,5 mg');
  await luc.message(CAMILLE.name, 'Reçu sans script').locator('.quote').click();
  await expect(luc.message(CAMILLE.name, 'Sans script, 2,5 mg').first()).toBeVisible();

  await camille.page.reload();
  await actions(camille, LUC, 'Sans script');
  await camille.button('Épingler pour vous deux').click();
  await expect(camille.message(LUC.name, 'Sans script').first()).toContainText('Épinglé');
  await actions(camille, LUC, 'Sans script');
  await camille.page.getByText(/^Supprimer ce message/).click();
  await camille.button('Supprimer').click();
  await expect(camille.message(LUC.name, 'Message supprimé')).toHaveCount(1);
  await luc.page.reload();
  await expect(luc.message(CAMILLE.name, 'Message supprimé')).toHaveCount(1);
  await expect(luc.page.getByText('Sans script, 2,5 mg')).toHaveCount(0);
});

test('an act that comes too late says so, and the words stay', async ({ enter, guard }) => {
  guard.announce(...refusal(410));
  const [camille, luc] = await both(enter, 'desktop');
  await camille.write(LUC.name, 'Bientôt supprimé');
  await expect(luc.message(CAMILLE.name, 'Bientôt supprimé')).toBeVisible();
  const conversation = await camille.conversationWith(LUC);
  const { messages } = await camille.read<{ messages: { id: string }[] }>('conversations.read_timeline', { conversation });
  await act(camille, 'desktop', LUC.name, 'Bientôt supprimé', 'Modifier');
  const text = camille.dialog.getByRole('textbox', { name: named('Texte du message') });
  await text.fill('Corrigé trop tard');

  // Meanwhile, on another device.
  await camille.call('conversations.delete_message', { message: messages[0]?.id });
  await camille.dialog.getByRole('button', { name: named('Enregistrer') }).click();

  await expect(camille.dialog.getByRole('alert')).toContainText('supprimé');
  await expect(text).toHaveValue('Corrigé trop tard');
  await expect(luc.message(CAMILLE.name, 'Message supprimé')).toHaveCount(1);
});
