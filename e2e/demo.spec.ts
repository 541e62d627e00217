// The demonstration: a newcomer sees a message arrive within a minute.
import { expect, test } from './lib/pli';
import { ANNE, CAMILLE } from './lib/people';
import { holding, named } from './lib/words';

test('one click and you are Camille', async ({ visit }) => {
  const newcomer = await visit();
  await newcomer.open('/');

  await newcomer.page.getByRole('button', { name: holding(CAMILLE.name) }).click();

  await newcomer.expectHome();
  await expect(newcomer.page.getByText(/Démonstration/).first()).toBeVisible();
  const region = newcomer.directMessages;
  await expect(region.getByRole('link', { name: holding(ANNE.name) })).toBeVisible();
});

test('double view: a message written on one side appears on the other', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.open('/accueil');

  await camille.page.getByRole('link', { name: 'Vue double' }).click();

  const side = (name: string) => camille.page.getByRole('region', { name: holding(`Côté ${name}`) });
  const [left, right] = [side(CAMILLE.name), side(ANNE.name)];
  await left.getByRole('textbox', { name: holding(ANNE.name) }).fill('Tu me vois?');
  await left.getByRole('button', { name: named('Envoyer') }).click();
  await expect(right.getByRole('listitem', { name: holding('Tu me vois?') })).toBeVisible();
  await right.getByRole('textbox', { name: holding(CAMILLE.name) }).fill('À l’instant!');
  await right.getByRole('button', { name: named('Envoyer') }).click();
  await expect(left.getByRole('listitem', { name: holding('À l’instant!') })).toBeVisible();
});
