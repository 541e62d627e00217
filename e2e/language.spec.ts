// French first, English equal; dates and times as they are written here.
import { expect, test } from './lib/pli';
import { ANNE, CAMILLE, LUC, MARC } from './lib/people';
import { words } from './lib/words';

test('A16: a visitor is met in the browser’s language, French unless English comes first', async ({ visit }) => {
  const english = await visit({ locale: 'en-CA' });
  await english.open('/connexion');
  await expect(english.page.locator('html')).toHaveAttribute('lang', 'en-CA');
  await expect(english.button(words('en').signIn)).toBeVisible();

  const spanish = await visit({ locale: 'es-MX' });
  await spanish.open('/connexion');
  await expect(spanish.page.locator('html')).toHaveAttribute('lang', 'fr-CA');
  await expect(spanish.button(words('fr').signIn)).toBeVisible();
});

test('A16: the language changes without losing a draft', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const conversation = await camille.openConversation(LUC);
  await camille.compose(LUC.name).fill('Un texte en cours');
  await camille.open('/parametres/preferences');

  await camille.button('English').click();
  await expect(camille.page.locator('html')).toHaveAttribute('lang', 'en-CA');

  camille.words = words('en');
  await camille.open(`/messages/${conversation}`);
  await expect(camille.compose(LUC.name)).toHaveValue('Un texte en cours');
});

test('A16: the same story in English', async ({ enter }) => {
  const camille = await enter(CAMILLE, { locale: 'en-CA' });
  await camille.call('accounts.save_settings', { language: 'en-CA' });
  camille.words = words('en');
  await camille.open('/accueil');

  await camille.tab('Network').click();
  await expect(camille.button(camille.words.accept(MARC.name))).toBeVisible();
  await camille.plane(ANNE.name).first().click();
  await camille.write(ANNE.name, 'Good morning');

  await expect(camille.message(ANNE.name, 'Good morning')).toBeVisible();
  await expect(camille.message(ANNE.name, 'Good morning').getByText(/\d{1,2}:\d{2}\s[ap]\.m\./)).toBeVisible();
});

test('A16: in French, times are written 14 h 05', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.openConversation(ANNE);

  const time = camille.history(ANNE.name).locator('time').last();

  await expect(time).toHaveText(/\d{1,2}\sh(\s\d{2})?/);
});

test('A16: no word of the other language is left on a screen', async ({ enter }) => {
  const camille = await enter(CAMILLE, { locale: 'en-CA' });
  await camille.call('accounts.save_settings', { language: 'en-CA' });

  for (const path of ['/accueil', '/reseau', '/parametres/profil', '/parametres/preferences', '/parametres/appareils', '/aide']) {
    await camille.open(path);
    const text = await camille.page.locator('body').innerText();
    expect(text, path).not.toMatch(/\b(Accueil|Réseau|Annuaire|Demandes|Appareils|Enregistrer|Écrire|Se déconnecter)\b/);
  }
});
