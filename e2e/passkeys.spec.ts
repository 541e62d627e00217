// Passkeys, with the authenticator that Chromium brings for tests: added, used, a second one, removed.
import type { CDPSession } from '@playwright/test';
import { expect, test } from './lib/pli';
import { vaultIsOpen } from './lib/device';
import { refusal } from './lib/guard';
import { CAMILLE } from './lib/people';
import type { Person } from './lib/person';

/**
 * Gives the browser an authenticator whose owner is always there. Chromium's answers what a page awaits by itself as soon as
 * it can; `offers` says whether a page may await anything.
 */
async function authenticator(person: Person, offers = false): Promise<{ session: CDPSession; id: string }> {
  if (!offers) await person.page.addInitScript(() => (PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false)));
  const session = await person.context.newCDPSession(person.page);
  await session.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { session, id: authenticatorId };
}

/** The service by a name, as passkeys want it: this machine's own. */
const byName = (origin: string): string => origin.replace('127.0.0.1', 'localhost');

async function addPasskey(person: Person): Promise<void> {
  await person.open('/parametres/securite');
  await person.button("Ajouter une clé d'accès").click();
  await expect(person.page.getByText(/jamais utilisée/).last()).toBeVisible();
}

test('AUTH-06: a passkey is added, signs in without address or password, and is removed', async ({ visit, server, guard }) => {
  guard.announce(...refusal(401));
  const camille = await visit({}, byName(server.origin));
  await authenticator(camille);
  await camille.signIn(CAMILLE);
  await addPasskey(camille);
  await camille.signOut();

  await camille.button("Se connecter avec une clé d'accès").click();
  await camille.expectHome();

  await camille.open('/parametres/securite');
  await expect(camille.page.getByText(/utilisée aujourd’hui|utilisée à/)).toHaveCount(1);
  await camille.page.getByRole('button', { name: /^Retirer la clé d.accès de / }).click();
  await expect(camille.page.getByRole('button', { name: /^Retirer la clé d.accès de / })).toHaveCount(0);
  await camille.signOut();
  await camille.button("Se connecter avec une clé d'accès").click();
  await expect(camille.page.getByText(/n.a pas ouvert votre compte/)).toBeVisible();
});

test('AUTH-06: each device has its own; a key that verifies nobody is not asked twice', async ({ visit, server, guard }) => {
  guard.announce(...refusal(401));
  const tablet = await visit({}, byName(server.origin));
  const first = await authenticator(tablet);
  await tablet.signIn(CAMILLE);
  await addPasskey(tablet);
  const desktop = await visit({}, byName(server.origin));
  await authenticator(desktop);
  await desktop.signIn(CAMILLE);
  await addPasskey(desktop);
  await expect(desktop.page.getByRole('button', { name: /^Retirer la clé d.accès de / })).toHaveCount(2);
  await tablet.page.addInitScript(() => {
    const ends: string[] = [];
    Object.assign(globalThis, { ends });
    const get = navigator.credentials.get.bind(navigator.credentials);
    navigator.credentials.get = (options) => {
      const asked = get(options);
      asked.catch((error: Error) => ends.push(error.name));
      return asked;
    };
  });
  await tablet.signOut();

  // A finger that is not the owner's.
  await first.session.send('WebAuthn.setUserVerified', { authenticatorId: first.id, isUserVerified: false });
  await tablet.button("Se connecter avec une clé d'accès").click();
  await expect.poll(() => tablet.page.evaluate(() => (globalThis as unknown as { ends: string[] }).ends)).toContain('NotAllowedError');
  await expect(tablet.page).toHaveURL(/\/connexion/);
  await first.session.send('WebAuthn.setUserVerified', { authenticatorId: first.id, isUserVerified: true });
  await tablet.button("Se connecter avec une clé d'accès").click();
  await tablet.expectHome();
});

test('AUTH-06: a key whose counter goes back is refused', async ({ visit, server, guard }) => {
  guard.announce(...refusal(401));
  const camille = await visit({}, byName(server.origin));
  const { session, id } = await authenticator(camille);
  await camille.signIn(CAMILLE);
  await addPasskey(camille);
  await camille.signOut();
  await camille.button("Se connecter avec une clé d'accès").click();
  await camille.expectHome();
  await camille.signOut();

  // A copy from before: the same key, with a count that the server has seen.
  const { credentials } = await session.send('WebAuthn.getCredentials', { authenticatorId: id });
  const credential = credentials[0]!;
  await session.send('WebAuthn.clearCredentials', { authenticatorId: id });
  await session.send('WebAuthn.addCredential', { authenticatorId: id, credential: { ...credential, signCount: 0 } });
  await camille.button("Se connecter avec une clé d'accès").click();

  await expect(camille.page.getByText(/n.a pas ouvert votre compte/)).toBeVisible();
});

test('AUTH-06: where the browser offers passkeys by itself, nothing has to be pressed', async ({ visit, server }) => {
  const camille = await visit({}, byName(server.origin));
  await authenticator(camille, true);
  await camille.signIn(CAMILLE);
  await addPasskey(camille);

  await camille.open('/parametres/profil');
  await vaultIsOpen(camille.page);
  await camille.button(camille.words.signOut).first().click();

  // Out, and in again.
  await camille.page.waitForURL(/\/connexion/);
  await camille.expectHome();
});

test('where the address is a number no passkey is promised, and nothing is asked of the server', async ({ visit }) => {
  const visitor = await visit();
  const asked: string[] = [];
  visitor.page.on('request', (request) => asked.push(request.url()));

  await visitor.open('/connexion');
  await visitor.page.locator('html[data-whole]').waitFor({ state: 'attached' });

  await expect(visitor.button("Se connecter avec une clé d'accès")).toHaveCount(0);
  expect(asked.filter((url) => url.includes('passkey'))).toEqual([]);
});
