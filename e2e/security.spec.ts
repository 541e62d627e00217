// The second step of signing in, what the owner of an account is told, and proving once more who is there.
import { expect, test } from './lib/pli';
import { code } from './lib/authenticator';
import { refusal } from './lib/guard';
import { PASSWORD, field, fresh, install } from './lib/installation';
import { CAMILLE, PASSWORD as DEMO_PASSWORD } from './lib/people';
import type { Person } from './lib/person';
import { named } from './lib/words';

const WITHOUT_SCRIPT = { javaScriptEnabled: false };

/** Sets an authenticator app up on the page; gives its key and the recovery codes. */
async function setUp(person: Person): Promise<{ key: string; codes: string[] }> {
  await person.open('/parametres/securite');
  await person.button('Régler la deuxième étape').click();
  const key = (await person.page.locator('.authenticator__key').textContent()) ?? '';
  await expect(person.page.getByRole('img', { name: /à numériser/ })).toBeVisible();
  await field(person, 'Code affiché par l’application').fill(code(key));
  await person.button('Activer').click();
  const codes = person.page.locator('.authenticator__codes li');
  await expect(codes).toHaveCount(10);
  return { key, codes: await codes.allTextContents() };
}

async function giveEmailAndPassword(person: Person, email: string, password: string): Promise<void> {
  await person.open('/connexion');
  await person.page.getByRole('textbox', { name: named(person.words.email) }).fill(email);
  await field(person, person.words.password).fill(password);
  await person.button(person.words.signIn).click();
}

for (const options of [{}, WITHOUT_SCRIPT]) {
  const how = options === WITHOUT_SCRIPT ? 'without a script' : 'in a live page';

  test(`AUTH-07: an app is set up, then asked for; a recovery code stands in once (${how})`, async ({ visit, guard }) => {
    guard.announce(...refusal(401));
    const camille = await visit(options);
    await camille.signIn(CAMILLE);
    const { key, codes } = await setUp(camille);
    await camille.page.getByText('Je les ai gardés').click();
    await expect(camille.page.getByText('Il en reste 10.')).toBeVisible();
    await camille.signOut();

    await giveEmailAndPassword(camille, CAMILLE.email, DEMO_PASSWORD);
    await field(camille, 'Code').fill('000000');
    await camille.button('Continuer').click();
    await expect(camille.page.getByRole('alert').filter({ hasText: 'Ce code ne convient pas' })).toBeVisible();
    // The present half minute's code was used up when the app was set up.
    await field(camille, 'Code').fill(code(key, 1));
    await camille.button('Continuer').click();
    await camille.expectHome();
    await camille.signOut();

    await giveEmailAndPassword(camille, CAMILLE.email, DEMO_PASSWORD);
    await field(camille, 'Code').fill((codes[0] ?? '').toLowerCase());
    await camille.button('Continuer').click();
    await camille.expectHome();
    await camille.open('/parametres/securite');
    await expect(camille.page.getByText('Il en reste 9.')).toBeVisible();
    await expect(camille.page.getByText('Code de secours utilisé')).toBeVisible();
    await camille.button('Retirer').click();
    await expect(camille.button('Régler la deuxième étape')).toBeVisible();
  });
}

test('AUTH-07: a wrong first code sets nothing up, and the picture stays', async ({ enter, guard }) => {
  guard.announce(...refusal(422));
  const camille = await enter(CAMILLE);
  await camille.open('/parametres/securite');
  await camille.button('Régler la deuxième étape').click();
  await field(camille, 'Code affiché par l’application').fill('000000');

  await camille.button('Activer').click();

  await expect(field(camille, 'Code affiché par l’application')).toHaveAccessibleDescription(/pas la forme attendue/);
  await expect(camille.page.getByRole('img', { name: /à numériser/ })).toBeVisible();
});

test('AUTH-13: a new browser is told on the others, until its owner knows of it', async ({ enter, visit }) => {
  const camille = await enter(CAMILLE);
  await camille.open('/accueil');
  const tablet = await visit();
  await tablet.signIn(CAMILLE);

  await camille.page.getByRole('link', { name: named("Voir l'activité") }).click();
  await expect(camille.heading('Sécurité')).toBeVisible();
  await expect(camille.page.getByText('Connexion dans un nouveau navigateur')).toHaveCount(1);
  await camille.button("C'était bien moi").click();

  await expect(camille.button("C'était bien moi")).toHaveCount(0);
  await tablet.open('/accueil');
  await expect(tablet.page.getByRole('link', { name: named("Voir l'activité") })).toHaveCount(0);
});

fresh('AUTH-14: once it is required, who has no second step is led to set one up', async ({ visit, setUpLink, guard }) => {
  guard.announce(...refusal(403), ...refusal(401));
  const admin = await visit();
  await install(admin, setUpLink);
  await admin.open('/parametres/comptes');
  await admin.button('Obligatoire Qui n’en a pas la règle à sa prochaine visite, avant toute autre chose.').click();
  await expect(admin.page.getByText(/Il faut une deuxième étape/)).toBeVisible();
  await setUp(admin);
  await admin.open('/parametres/comptes');
  const required = admin.page.getByRole('button', { name: /^Obligatoire/ });
  await required.click();
  await expect(required).toHaveAttribute('aria-pressed', 'true');
});

fresh('AUTH-13: a proof is asked for over the page, and what was typed stays', async ({ visit, setUpLink, guard }) => {
  guard.announce(...refusal(403), ...refusal(401));
  const admin = await visit();
  await install(admin, setUpLink);
  await admin.open('/parametres/comptes');
  // As if five minutes had passed: the server's clock is nobody's to set.
  const refused = { type: 'about:blank', title: '', status: 403, code: 'confirm_identity' };
  await admin.page.route('**/accounts.invite_person', (route) => route.fulfill({ status: 403, json: refused }), { times: 1 });
  await admin.page.getByRole('textbox', { name: named('Courriel') }).fill('omar@clinique.example');
  await field(admin, 'Nom').fill('Omar Nadeau');
  await admin.button("Créer l'invitation").click();

  const dialog = admin.dialog.filter({ has: admin.page.getByRole('heading', { name: named("C'est bien vous?") }) });
  await expect(dialog).toBeVisible();
  await dialog.getByLabel('Votre mot de passe', { exact: true }).fill('pas le bon mot de passe');
  await dialog.getByRole('button', { name: 'Confirmer' }).click();
  await expect(dialog.getByText(/pas votre mot de passe/)).toBeVisible();
  await dialog.getByLabel('Votre mot de passe', { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Confirmer' }).click();
  await expect(dialog).toBeHidden();

  await expect(admin.page.getByRole('textbox', { name: named('Courriel') })).toHaveValue('omar@clinique.example');
  await admin.button("Créer l'invitation").click();
  await expect(admin.dialog.getByLabel('Lien à remettre')).toBeVisible();
});
