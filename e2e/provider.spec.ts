// Signing in by the organisation's provider: a real one, which the journeys start, on a site of its own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Visit } from './lib/pli';
import { refusal } from './lib/guard';
import { field, install, invite, PASSWORD } from './lib/installation';
import type { Person } from './lib/person';
import { CLIENT, giveUp, identify, IdentityProvider, SECRET } from './lib/provider';
import { freePort, Server } from './lib/server';
import { named } from './lib/words';

const LABEL = 'CISSS du Lac';
const BY_PROVIDER = `Se connecter avec ${LABEL}`;
const WITHOUT_SCRIPT = { javaScriptEnabled: false };

/** A new installation, whose organisation has a provider. */
const provided = test.extend<{ acr: string; provider: IdentityProvider; setUpLink: string }>({
  acr: ['', { option: true }],

  // Both have to know the other's address beforehand.
  provider: async ({ server }, use) => {
    await use(providers.get(server)!);
  },

  server: async ({ acr, guard }, use) => {
    // What goes to the provider and comes back from it names the two: no person.
    guard.announce(/^an address tells the parameter (redirect_uri|iss)=/);
    const data = mkdtempSync(join(tmpdir(), 'pli-provided-'));
    const secret = join(data, 'client-secret');
    writeFileSync(secret, `${SECRET}\n`, { mode: 0o600 });
    const port = await freePort();
    const provider = await IdentityProvider.start(`http://127.0.0.1:${port}`);
    const settings = ['--oidc-issuer', provider.issuer, '--oidc-client-id', CLIENT, '--oidc-client-secret-file', secret];
    settings.push('--oidc-label', LABEL, ...(acr ? ['--oidc-acr', acr] : []));
    const server = await Server.serve(data, port, settings);
    providers.set(server, provider);
    await use(server);
    await server.stop();
    await provider.stop();
    rmSync(data, { recursive: true });
  },

  setUpLink: async ({ server }, use) => {
    const link = () => /http:\/\/\S+\/installation#\S+/.exec(server.printed())?.[0];
    await expect.poll(link).toBeDefined();
    await use(link()!);
  },
});

const providers = new Map<Server, IdentityProvider>();

/** The organisation's administrator, signed in. */
async function administrator(visit: Visit, setUpLink: string): Promise<Person> {
  const admin = await visit();
  await install(admin, setUpLink);
  return admin;
}

/** Opens an invitation; without a script its key is pasted. */
async function openInvitation(person: Person, link: string): Promise<void> {
  const [path, key] = link.slice(person.origin.length).split('#k=') as [string, string];
  if (person.hasScript) {
    await person.open(`${path}#k=${key}`);
  } else {
    await person.open(path);
    await field(person, 'Clé du lien').fill(key);
    await person.button('Continuer').click();
  }
  await field(person, 'Profession').fill('Ergothérapeute');
  await field(person, 'Lieu de travail').fill('Clinique du Lac');
}

/** Somebody who has joined by the provider. */
async function joinByProvider(person: Person, link: string, who: string): Promise<void> {
  await openInvitation(person, link);
  await person.button(`Rejoindre avec ${LABEL}`).click();
  await identify(person, who);
  await person.expectHome();
}

const byProvider = (person: Person) => person.page.getByRole('link', { name: named(BY_PROVIDER) });
const told = (person: Person, text: RegExp) => expect(person.page.getByRole('alert').filter({ hasText: text })).toBeVisible();

for (const options of [{}, WITHOUT_SCRIPT]) {
  const how = options === WITHOUT_SCRIPT ? 'without a script' : 'in a live page';

  provided(`AUTH-08: somebody invited joins by the provider, and comes in by it again (${how})`, async ({ visit, setUpLink }) => {
    const admin = await administrator(visit, setUpLink);
    const link = await invite(admin, 'Omar Nadeau', 'omar@clinique.example');
    const omar = await visit(options);

    await joinByProvider(omar, link, 'omar');
    await omar.signOut();
    await byProvider(omar).click();
    // The provider knows them still.
    await omar.expectHome();

    const elsewhere = await visit(options);
    await elsewhere.open('/connexion?suite=/reseau');
    await byProvider(elsewhere).click();
    await identify(elsewhere, 'omar');
    await expect(elsewhere.page).toHaveURL(/\/reseau$/);
    const ours = (await elsewhere.context.cookies(elsewhere.origin)).filter(({ name }) => name.startsWith('pli'));
    expect(ours.map(({ name }) => name)).toContain('pli');
    expect(ours.every(({ sameSite, httpOnly }) => sameSite === 'Strict' && httpOnly)).toBe(true);
  });
}

provided('AUTH-08: a person links their account, comes in by it, and unlinks it', async ({ visit, setUpLink }) => {
  const admin = await administrator(visit, setUpLink);
  await admin.open('/parametres/securite');

  await admin.button('Lier mon compte').click();
  await identify(admin, 'lea');
  await expect(admin.page).toHaveURL(/\/parametres\/securite$/);
  await expect(admin.page.getByText('Compte d’organisation lié')).toBeVisible();

  const tablet = await visit();
  await tablet.open('/connexion');
  await byProvider(tablet).click();
  await identify(tablet, 'lea');
  await tablet.expectHome();

  await admin.open('/parametres/securite');
  await admin.button(`Délier ${LABEL}`).click();
  await expect(admin.button('Lier mon compte')).toBeVisible();
  await tablet.signOut();
  await byProvider(tablet).click();
  await told(tablet, /aucun compte de Pli n’est lié à vous/);
});

provided('AUTH-08: who is not invited and who gives up are told so, and may try again as somebody else', async ({ visit, setUpLink }) => {
  const admin = await administrator(visit, setUpLink);
  const link = await invite(admin, 'Omar Nadeau', 'omar@clinique.example');
  const omar = await visit();
  await joinByProvider(omar, link, 'omar');
  const stranger = await visit();
  await stranger.open('/connexion');

  await byProvider(stranger).click();
  await giveUp(stranger);
  await told(stranger, /vous avez renoncé/);
  await byProvider(stranger).click();
  await identify(stranger, 'personne');
  await told(stranger, /Demandez une invitation/);

  // The provider would let the same person in without a word: it is made to ask.
  await byProvider(stranger).click();
  await identify(stranger, 'omar');
  await stranger.expectHome();
});

provided.describe('where two factors are asked for', () => {
  provided.use({ acr: 'eidas1' });

  provided('AUTH-08: a class that is too low opens nothing; stepping up does, and stands for two factors', async ({ visit, setUpLink, guard }) => {
    guard.announce(...refusal(403));
    const admin = await administrator(visit, setUpLink);
    await admin.open('/parametres/securite');
    await admin.button('Lier mon compte').click();
    await identify(admin, 'lea');
    await expect(admin.page.getByText('Compte d’organisation lié')).toBeVisible();
    await admin.signOut();

    await byProvider(admin).click();
    await expect(admin.page).toHaveURL(/\/accueil$/);
    await admin.signOut();
    const elsewhere = await visit();
    await elsewhere.open('/connexion');
    await byProvider(elsewhere).click();
    await identify(elsewhere, 'lea', 'Mot de passe seul');
    await told(elsewhere, /assez sûrement/);
    await byProvider(elsewhere).click();
    await identify(elsewhere, 'lea');
    await elsewhere.expectHome();

    // Asked of everybody by whom the provider vouches for; the password alone is too little then.
    await elsewhere.open('/parametres/comptes');
    const required = elsewhere.page.getByRole('button', { name: /^Obligatoire/ });
    await required.click();
    await expect(required).toHaveAttribute('aria-pressed', 'true');
    await elsewhere.open('/reseau');
    await expect(elsewhere.heading('Réseau')).toBeVisible();
    guard.announce(...refusal(401));
    await admin.open('/connexion');
    await admin.page.getByRole('textbox', { name: named(admin.words.email) }).fill('admin@clinique.example');
    await field(admin, admin.words.password).fill(PASSWORD);
    await admin.button(admin.words.signIn).click();
    await expect(admin.page.getByText(/votre compte d’organisation/)).toBeVisible();
  });
});

provided('AUTH-08: a provider that is away is told of, and the password opens as ever', async ({ visit, setUpLink, provider }) => {
  const admin = await administrator(visit, setUpLink);
  await provider.stop();
  await admin.signOut();

  await byProvider(admin).click();
  await told(admin, /ne répond pas/);
  await admin.page.getByRole('textbox', { name: named(admin.words.email) }).fill('admin@clinique.example');
  await field(admin, admin.words.password).fill(PASSWORD);
  await admin.button(admin.words.signIn).click();

  await admin.expectHome();
});

provided('AUTH-08: who has no password opens a locked page and confirms who they are by the provider', async ({ visit, setUpLink, guard, provider }) => {
  guard.announce(...refusal(401), ...refusal(403));
  const admin = await administrator(visit, setUpLink);
  const link = await invite(admin, 'Omar Nadeau', 'omar@clinique.example');
  const omar = await visit();
  await joinByProvider(omar, link, 'omar');
  await omar.open('/reseau');

  await omar.call('accounts.lock_device');
  await omar.dialog.getByRole('link', { name: named(BY_PROVIDER) }).click();
  // Not by what the provider knew before.
  await identify(omar, 'omar');
  await expect(omar.page).toHaveURL(/\/reseau$/);
  await expect(omar.heading('Réseau')).toBeVisible();

  // They come in again by what the provider knows of ten minutes ago: that proves nothing of now.
  await omar.signOut();
  provider.remembersFor(600);
  await byProvider(omar).click();
  await omar.expectHome();
  await omar.open('/parametres/securite');
  await omar.button('Régler la deuxième étape').click();
  await expect(omar.dialog.getByLabel('Votre mot de passe', { exact: true })).toBeHidden();
  await omar.dialog.getByRole('button', { name: named(`Confirmer avec ${LABEL}`) }).click();
  await identify(omar, 'omar');
  await expect(omar.page).toHaveURL(/\/parametres\/securite$/);
  await omar.button('Régler la deuxième étape').click();
  await expect(omar.page.getByRole('img', { name: /à numériser/ })).toBeVisible();
});
