// What is done with a message where no script runs.
import { expect, test } from './lib/pli';
import { refusal } from './lib/guard';
import { CAMILLE, LUC, PASSWORD, type Persona } from './lib/people';
import type { Person } from './lib/person';
import { holding, named } from './lib/words';

test('without a script: react, edit, reply, pin and delete are plain forms', async ({ visit, guard }) => {
  guard.announce(...refusal(422));
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
