// The whole story by plain forms, in a browser that runs no script.
import { expect, test } from './lib/pli';
import { refusal } from './lib/guard';
import { CAMILLE, ETIENNE, LUC, MARC, NADIA, PASSWORD, type Persona, SAMUEL } from './lib/people';
import type { Person } from './lib/person';
import { named } from './lib/words';

const WITHOUT_SCRIPT = { javaScriptEnabled: false };

async function signInByForm(person: Person, persona: Persona): Promise<void> {
  await person.open('/connexion');
  await person.page.getByRole('textbox', { name: named(person.words.email) }).fill(persona.email);
  await person.page.getByLabel(person.words.password, { exact: true }).fill(PASSWORD);
  await person.button(person.words.signIn).click();
  await person.expectHome();
}

test('A8: the three steps, by two people without a script', async ({ visit }) => {
  const camille = await visit(WITHOUT_SCRIPT);
  const nadia = await visit(WITHOUT_SCRIPT);
  await signInByForm(camille, CAMILLE);
  await signInByForm(nadia, NADIA);

  await camille.tab(camille.words.network).click();
  await camille.find('belkacem');
  expect(camille.page.url()).not.toContain('belkacem');
  await camille.button(camille.words.request(NADIA.name)).click();
  await camille.open('/reseau');
  await expect(camille.button(camille.words.cancelRequest(NADIA.name)).first()).toBeVisible();

  await nadia.open('/reseau');
  await nadia.button(nadia.words.accept(CAMILLE.name)).click();
  await nadia.open('/reseau');
  await expect(nadia.plane(CAMILLE.name).first()).toBeVisible();

  await camille.open('/reseau');
  await camille.plane(NADIA.name).first().click();
  await camille.compose(NADIA.name).fill('Sans script, mais avec soin.');
  await camille.arrow.click();
  await expect(camille.message(NADIA.name, 'Sans script, mais avec soin.')).toBeVisible();

  await nadia.plane(CAMILLE.name).first().click();
  await expect(nadia.message(CAMILLE.name, 'Sans script, mais avec soin.')).toBeVisible();
  await nadia.write(CAMILLE.name, 'Reçu.');
  await camille.page.reload();
  await expect(camille.message(NADIA.name, 'Reçu.')).toHaveCount(1);
});

test('cancel, accept and ignore', async ({ visit }) => {
  const camille = await visit(WITHOUT_SCRIPT);
  await signInByForm(camille, CAMILLE);
  const marc = await visit(WITHOUT_SCRIPT);
  await signInByForm(marc, MARC);

  await camille.open('/reseau');
  await camille.button(camille.words.cancelRequest(SAMUEL.name)).first().click();
  await camille.open('/reseau');
  await expect(camille.button(camille.words.cancelRequest(SAMUEL.name))).toHaveCount(0);

  await camille.button(camille.words.ignore(MARC.name)).click();
  await camille.open('/reseau');
  await expect(camille.button(camille.words.accept(MARC.name))).toHaveCount(0);
  await marc.open('/reseau');
  await expect(marc.button(marc.words.cancelRequest(CAMILLE.name)).first()).toBeVisible();
});

test('A7: closing the channel, confirmation included', async ({ visit }) => {
  const camille = await visit(WITHOUT_SCRIPT);
  await signInByForm(camille, CAMILLE);
  await camille.page.getByRole('link', { name: new RegExp(LUC.name) }).first().click();
  await expect(camille.compose(LUC.name)).toBeVisible();
  const address = camille.page.url();

  await camille.closeChannel();

  await expect(camille.closedNotice).toBeVisible();
  await camille.page.goto(address);
  await expect(camille.closedNotice).toBeVisible();
  await expect(camille.compose(LUC.name)).toHaveCount(0);
});

test('a refused message comes back with its reason and its text', async ({ visit, enter, guard }) => {
  guard.announce(...refusal(403));
  const camille = await visit(WITHOUT_SCRIPT);
  await signInByForm(camille, CAMILLE);
  await camille.page.getByRole('link', { name: new RegExp(LUC.name) }).first().click();
  const luc = await enter(LUC);
  await luc.call('friendships.close_channel', { account: await luc.idOf(CAMILLE) });

  await camille.compose(LUC.name).fill('Trop tard, mais pas perdu');
  await camille.arrow.click();

  await expect(camille.page.getByText('Trop tard, mais pas perdu').first()).toBeVisible();
  await expect(camille.closedNotice).toBeVisible();
});

test('wrong password: the reason is told, the e-mail stays', async ({ visit, guard }) => {
  guard.announce(...refusal(401));
  const visitor = await visit(WITHOUT_SCRIPT);
  await visitor.open('/connexion');

  await visitor.page.getByRole('textbox', { name: named(visitor.words.email) }).fill(ETIENNE.email);
  await visitor.page.getByLabel(visitor.words.password, { exact: true }).fill('pas le bon mot de passe');
  await visitor.button(visitor.words.signIn).click();

  await expect(visitor.page.getByText(/ne vont pas ensemble/)).toBeVisible();
  await expect(visitor.page.getByRole('textbox', { name: named(visitor.words.email) })).toHaveValue(ETIENNE.email);
});

test('signing out', async ({ visit }) => {
  const camille = await visit(WITHOUT_SCRIPT);
  await signInByForm(camille, CAMILLE);

  await camille.signOut();

  await camille.open('/accueil');
  await expect(camille.button(camille.words.signIn)).toBeVisible();
});
