// The demonstration: a newcomer sees a message arrive within a minute.
import { expect, test } from './lib/pli';
import { ANNE, CAMILLE } from './lib/people';
import { holding, named } from './lib/words';

test('one click and you are Camille', async ({ visit }) => {
  const newcomer = await visit();
  await newcomer.open('/');

  await newcomer.page.getByRole('button', { name: holding(CAMILLE.name) }).click();

  await expect(newcomer.heading(newcomer.words.home)).toBeVisible();
  await expect(newcomer.page.getByText(/Démonstration/).first()).toBeVisible();
  const region = newcomer.page.getByRole('region', { name: named(newcomer.words.directMessages) });
  await expect(region.getByRole('link', { name: holding(ANNE.name) })).toBeVisible();
});

test('double view: a message written on one side appears on the other', async ({ visit }) => {
  const newcomer = await visit();
  await newcomer.open('/connexion');

  await newcomer.page.getByRole('link', { name: /[Vv]ue double/ }).or(newcomer.page.getByRole('button', { name: /[Vv]ue double/ })).first().click();

  await expect(newcomer.compose(ANNE.name)).toBeVisible();
  const camilleSide = newcomer.page.getByRole('region', { name: holding(CAMILLE.name) }).filter({ has: newcomer.compose(ANNE.name) });
  const anneSide = newcomer.page.getByRole('region', { name: holding(ANNE.name) }).filter({ has: newcomer.compose(CAMILLE.name) });
  await camilleSide.getByRole('textbox').fill('Tu me vois?');
  await camilleSide.getByRole('button', { name: named('Envoyer') }).click();
  await expect(anneSide.getByText('Tu me vois?')).toBeVisible();
  await anneSide.getByRole('textbox').fill('À l’instant!');
  await anneSide.getByRole('button', { name: named('Envoyer') }).click();
  await expect(camilleSide.getByText('À l’instant!')).toBeVisible();
});
