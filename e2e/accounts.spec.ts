// How people get in: the first account, invitations, forgotten passwords, suspension; and what they show of themselves.
import { expect, test } from './lib/pli';
import { refusal } from './lib/guard';
import { PASSWORD, field, fresh, install, invite, joinBy } from './lib/installation';
import { ANNE, CAMILLE } from './lib/people';
import type { Person } from './lib/person';
import { holding, named } from './lib/words';

const ANOTHER_PASSWORD = 'une tout autre phrase longue';

async function signInByScreen(person: Person, email: string, password: string): Promise<void> {
  await person.open('/connexion');
  await person.page.getByRole('textbox', { name: named(person.words.email) }).fill(email);
  await field(person, person.words.password).fill(password);
  await person.button(person.words.signIn).click();
}

fresh('the first account opens the installation; its link serves once', async ({ visit, setUpLink, server, guard }) => {
  guard.announce(...refusal(403), ...refusal(410));
  const early = await visit();
  await early.open('/accueil');
  await expect(early.page).toHaveURL(/\/installation$/);

  const admin = await visit();
  await install(admin, setUpLink);

  const late = await visit();
  await late.open(setUpLink.slice(server.origin.length));
  await expect(late.button(late.words.signIn)).toBeVisible();
});

fresh('the link works as well when it is pasted while the page is open', async ({ visit, setUpLink, server }) => {
  const admin = await visit();
  await admin.open('/installation');

  await admin.page.goto(setUpLink);

  await expect(field(admin, "Clé d'installation").or(field(admin, 'Clé d’installation'))).toHaveValue(setUpLink.slice(setUpLink.indexOf('k=') + 2));
  expect(setUpLink).toContain(server.origin);
});

fresh('a short password is refused with the reason, and what was typed stays', async ({ visit, setUpLink, server, guard }) => {
  guard.announce(...refusal(422));
  const admin = await visit();
  await admin.open(setUpLink.slice(server.origin.length));
  await admin.page.getByRole('textbox', { name: named('Courriel') }).fill('admin@clinique.example');
  await field(admin, 'Mot de passe').fill('trop court');
  await field(admin, 'Nom').fill('Léa Fortin');
  await field(admin, 'Profession').fill('Gestionnaire');
  await field(admin, 'Lieu de travail').fill('Clinique du Lac');

  await admin.button('Ouvrir').click();

  await expect(field(admin, 'Mot de passe')).toHaveAccessibleDescription(/court/);
  await expect(field(admin, 'Nom')).toHaveValue('Léa Fortin');
});

fresh('A14: somebody invited joins, is found in Réseau, and becomes a friend', async ({ visit, setUpLink }) => {
  const admin = await visit();
  await install(admin, setUpLink);
  const link = await invite(admin, 'Omar Nadeau', 'omar@clinique.example');
  const omar = await visit();

  await joinBy(omar, link);

  await admin.open('/reseau');
  await admin.find('omar');
  await admin.button(admin.words.request('Omar Nadeau')).click();
  await omar.open('/reseau');
  await omar.button(omar.words.accept('Léa Fortin')).click();
  await expect(omar.plane('Léa Fortin').first()).toBeVisible();
});

fresh('an invitation serves once', async ({ visit, setUpLink, server, guard }) => {
  guard.announce(...refusal(410));
  const admin = await visit();
  await install(admin, setUpLink);
  const link = await invite(admin, 'Omar Nadeau', 'omar@clinique.example');
  await joinBy(await visit(), link);

  const late = await visit();
  await late.open(link.slice(server.origin.length));

  await expect(late.page.getByText(/n'est plus valable|a déjà servi|n’est plus valable/)).toBeVisible();
});

fresh('a forgotten password: a link from the administrator, all devices signed out', async ({ visit, setUpLink, guard }) => {
  guard.announce(...refusal(401));
  const admin = await visit();
  await install(admin, setUpLink);
  const omar = await visit();
  await joinBy(omar, await invite(admin, 'Omar Nadeau', 'omar@clinique.example'));
  const old = await visit();
  await old.signIn({ name: 'Omar Nadeau', email: 'omar@clinique.example' }, PASSWORD);

  await admin.open('/parametres/comptes');
  await admin.page.getByRole('button', { name: /Mot de passe oublié.*Omar Nadeau/ }).click();
  const link = await admin.dialog.getByLabel('Lien à remettre').inputValue();
  await omar.open(link.slice(omar.origin.length));
  await field(omar, 'Nouveau mot de passe').fill(ANOTHER_PASSWORD);
  await omar.button('Enregistrer').click();
  await expect(omar.button(omar.words.signIn)).toBeVisible();

  expect((await old.context.request.get(`${old.origin}/api/v1/accounts.get_me`)).status()).toBe(401);
  await signInByScreen(omar, 'omar@clinique.example', ANOTHER_PASSWORD);
  await omar.expectHome();
});

test('the sign-in page says what to do about a forgotten password', async ({ visit }) => {
  const visitor = await visit();
  await visitor.open('/connexion');

  await visitor.page.getByText(/Mot de passe oublié/).first().click();

  await expect(visitor.page.getByText(/administrateur/).first()).toBeVisible();
});

fresh('a suspended account is out at once, and back when the suspension is lifted', async ({ visit, setUpLink, guard }) => {
  guard.announce(...refusal(401));
  const admin = await visit();
  await install(admin, setUpLink);
  const omar = await visit();
  await joinBy(omar, await invite(admin, 'Omar Nadeau', 'omar@clinique.example'));

  await admin.open('/parametres/comptes');
  await admin.button('Suspendre Omar Nadeau').click();
  await expect(admin.button('Rétablir Omar Nadeau')).toBeVisible();
  expect((await omar.context.request.get(`${omar.origin}/api/v1/accounts.get_me`)).status()).toBe(401);

  await admin.button('Rétablir Omar Nadeau').click();
  await expect(admin.button('Suspendre Omar Nadeau')).toBeVisible();
  const again = await visit();
  await signInByScreen(again, 'omar@clinique.example', PASSWORD);
  await again.expectHome();
});

fresh('A6: an administrator’s page shows accounts, never words', async ({ visit, setUpLink }) => {
  const admin = await visit();
  await install(admin, setUpLink);
  const omar = await visit();
  await joinBy(omar, await invite(admin, 'Omar Nadeau', 'omar@clinique.example'));
  const zoe = await visit();
  await joinBy(zoe, await invite(admin, 'Zoé Roy', 'zoe@clinique.example'));
  const to = async (from: Person, name: string) => ({ account: await from.idOf({ name, email: '' }) });
  await omar.call('friendships.send_friend_request', await to(omar, 'Zoé Roy'));
  await zoe.call('friendships.accept_friend_request', await to(zoe, 'Omar Nadeau'));
  await omar.sendByCall(await omar.conversationWith({ name: 'Zoé Roy', email: '' }), 'canari-inaudible');

  for (const path of ['/parametres/comptes', '/accueil', '/reseau']) {
    await admin.open(path);
    expect(await admin.page.content(), path).not.toContain('canari-inaudible');
  }
});

test('A15: the profile is changed, and friends see it', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const anne = await enter(ANNE);
  await camille.open('/parametres/profil');

  await field(camille, 'Lieu de travail').fill('GMF du Canal');
  await field(camille, 'Téléphone').fill('514 555-0123');
  await camille.button('Enregistrer').click();
  await expect(camille.page.getByText('Enregistré.')).toBeVisible();

  await anne.open(`/reseau/${await anne.idOf(CAMILLE)}`);
  await expect(anne.page.getByText(holding('GMF du Canal')).first()).toBeVisible();
  await expect(anne.page.getByText(/514\s555-0123/)).toBeVisible();
});

test('a photo is cut, sent without what the camera wrote into it, and shown', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.open('/parametres/profil');
  // A picture drawn by the browser itself, wider than high.
  const picture = await camille.page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [640, 400];
    const brush = canvas.getContext('2d')!;
    brush.fillStyle = '#6b2fbf';
    brush.fillRect(0, 0, 320, 400);
    return canvas.toDataURL('image/jpeg');
  });
  const buffer = Buffer.from(picture.split(',')[1]!, 'base64');

  await camille.page.locator('input[type=file]').setInputFiles({ name: 'moi.jpg', mimeType: 'image/jpeg', buffer });
  await camille.button('Enregistrer la photo').click();

  await expect(camille.page.getByText('Photo enregistrée.')).toBeVisible();
  const shown = camille.page.locator('main img[src^="/photos/"]').first();
  await expect(shown).toBeVisible();
  const size = await shown.evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight]);
  expect(size[0]).toBe(size[1]);
});

test('the password is changed: the present one is asked, other devices are out', async ({ enter, guard }) => {
  guard.announce(...refusal(401), ...refusal(422));
  const camille = await enter(CAMILLE);
  const other = await enter(CAMILLE);
  await camille.open('/parametres/appareils');

  await field(camille, 'Mot de passe actuel').fill('demonstration-pli');
  await field(camille, 'Nouveau mot de passe').fill(ANOTHER_PASSWORD);
  await camille.button('Changer le mot de passe').click();

  await expect(camille.page.getByText(/Mot de passe changé/)).toBeVisible();
  expect((await other.context.request.get(`${other.origin}/api/v1/accounts.get_me`)).status()).toBe(401);
  await camille.open('/accueil');
  await camille.expectHome();
});
