// What is done with a message, by keys alone.
import { expect, test } from './lib/pli';
import { both } from './lib/actions';
import { CAMILLE, FATOU, LUC } from './lib/people';
import type { Person } from './lib/person';
import { holding, named } from './lib/words';

/** Goes from the compose box to the newest message, and opens its menu: keys alone. */
async function openNewest(person: Person, friend: string, text: string): Promise<void> {
  const { keyboard } = person.page;
  await person.page.getByRole('region', { name: holding('Historique avec') }).focus();
  await keyboard.press('Tab');
  await keyboard.press('End');
  await expect(person.message(friend, text)).toBeFocused();
  await keyboard.press('Enter');
  await expect(person.page.getByRole('menu', { name: /^Actions pour/ })).toBeVisible();
}

/** Walks down the open menu to an entry and presses Enter. */
async function choose(person: Person, entry: string): Promise<void> {
  const name = named(entry);
  const menu = person.page.getByRole('menu', { name: /^Actions pour/ });
  const item = menu.getByRole('menuitem', { name }).or(menu.getByRole('menuitemcheckbox', { name }));
  for (let step = 0; step < 20; step++) {
    if (await item.evaluate((element) => element === document.activeElement)) {
      await person.page.keyboard.press('Enter');
      return;
    }
    await person.page.keyboard.press('ArrowDown');
  }
  throw new Error(`not reached with the arrows: ${entry}`);
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

test('by keys alone a message is answered, changed, pinned, starred, forwarded and deleted', async ({ enter }) => {
  const [camille, luc] = await both(enter, 'desktop');
  const fatou = await enter(FATOU);
  await fatou.openConversation(CAMILLE);
  const { keyboard } = camille.page;
  await luc.write(CAMILLE.name, 'Quelle dose?');
  await expect(camille.message(LUC.name, 'Quelle dose?')).toBeVisible();

  await openNewest(camille, LUC.name, 'Quelle dose?');
  await choose(camille, 'Répondre');
  await expect(camille.compose(LUC.name)).toBeFocused();
  await keyboard.type('2,5 g');
  await keyboard.press('Control+Enter');
  await expect(luc.message(CAMILLE.name, '2,5 g').locator('.quote')).toContainText('Quelle dose?');

  await openNewest(camille, LUC.name, '2,5 g');
  await choose(camille, 'Modifier');
  await expect(camille.dialog.getByRole('textbox')).toBeFocused();
  await keyboard.press('ControlOrMeta+a');
  await keyboard.type('2,5 mg');
  await keyboard.press('Tab');
  await keyboard.press('Tab');
  await expect(camille.dialog.getByRole('button', { name: named('Enregistrer') })).toBeFocused();
  await keyboard.press('Enter');
  await expect(luc.message(CAMILLE.name, '2,5 mg')).toHaveCount(1);

  await openNewest(camille, LUC.name, '2,5 mg');
  await choose(camille, 'Épingler pour vous deux');
  await expect(luc.message(CAMILLE.name, '2,5 mg')).toContainText('Épinglé');
  await openNewest(camille, LUC.name, '2,5 mg');
  await choose(camille, 'Ajouter à vos favoris');
  await expect(camille.message(LUC.name, '2,5 mg')).toContainText('Favori');

  await openNewest(camille, LUC.name, '2,5 mg');
  await choose(camille, 'Transférer');
  await expect(camille.dialog.getByRole('searchbox')).toBeFocused();
  await keyboard.type('fatou');
  await expect(camille.dialog.getByRole('listitem')).toHaveCount(1);
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  const send = camille.dialog.getByRole('button', { name: named(`Transférer à ${FATOU.name}`) });
  for (let stop = 0; stop < 4 && !(await send.evaluate((element) => element === document.activeElement)); stop++) {
    await keyboard.press('Tab');
  }
  await expect(send).toBeFocused();
  await keyboard.press('Enter');
  await expect(fatou.message(CAMILLE.name, '2,5 mg')).toContainText('Transféré');
  await expect(camille.dialog).toHaveCount(0);

  await openNewest(camille, LUC.name, '2,5 mg');
  await choose(camille, 'Supprimer');
  const remove = camille.dialog.getByRole('button', { name: named('Supprimer') });
  for (let stop = 0; stop < 4 && !(await remove.evaluate((element) => element === document.activeElement)); stop++) {
    await keyboard.press('Tab');
  }
  await keyboard.press('Enter');
  await expect(luc.message(CAMILLE.name, 'Message supprimé')).toHaveCount(1);
  // What led here is gone; the focus is on the trace, and the way back to the box is one key.
  await expect(camille.message(LUC.name, 'Message supprimé')).toHaveAttribute('data-found');
  await expect(camille.message(LUC.name, 'Message supprimé')).toBeFocused();
  await keyboard.press('Escape');
  await expect(camille.compose(LUC.name)).toBeFocused();
});

test('what was just sent is taken back by keys', async ({ enter }) => {
  const [camille, luc] = await both(enter, 'desktop');
  const { keyboard } = camille.page;
  await camille.compose(LUC.name).focus();
  await keyboard.type('Trop vite');
  await keyboard.press('Control+Enter');

  await expect(camille.button("Annuler l'envoi")).toBeVisible();
  // Past the paper clip.
  await keyboard.press('Shift+Tab');
  await keyboard.press('Shift+Tab');
  await expect(camille.button("Annuler l'envoi")).toBeFocused();
  await keyboard.press('Enter');

  await expect(camille.compose(LUC.name)).toHaveValue('Trop vite');
  await expect(camille.compose(LUC.name)).toBeFocused();
  await expect(luc.page.getByText('Trop vite')).toHaveCount(0);
});
