// Signing out leaves nothing behind, and says first what would be lost. What rests in a profile is unreadable.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { CHROMIUM, CHROMIUM_FLAGS } from './lib/browser';
import { Cut } from './lib/cut';
import { expectKept, filesHolding, records, vaults } from './lib/device';
import { UNREACHABLE } from './lib/guard';
import { CAMILLE, FATOU, LUC } from './lib/people';
import { hydrated, Person } from './lib/person';
import { expect, test } from './lib/pli';
import { named } from './lib/words';

const SEND = '**/api/v1/conversations.send_message';

test('what is unsent is named; staying keeps it, sending first loses nothing', async ({ enter, guard }) => {
  guard.announce(/ERR_CONNECTION_FAILED/);
  const camille = await enter(CAMILLE);
  const conversation = await camille.openConversation(LUC);
  await camille.page.route(SEND, (route) => route.abort('connectionfailed'));
  await camille.write(LUC.name, 'Pas encore parti');
  await camille.write(LUC.name, 'Celui-ci non plus');
  await expectKept(camille.page, 2);
  await camille.open('/parametres/profil');
  await expect(camille.page.locator('html[data-whole]')).toBeAttached();

  const signOut = camille.button(camille.words.signOut).first();
  await expect(async () => {
    await signOut.click();
    await expect(camille.dialog).toContainText(/2 messages à Luc Gagné/, { timeout: 1_000 });
  }).toPass();
  await camille.dialog.getByRole('button', { name: named('Rester connecté') }).click();
  await expect(camille.dialog).toHaveCount(0);
  await expectKept(camille.page, 2);

  await camille.page.unroute(SEND);
  await signOut.click();
  const first = camille.dialog.getByRole('button', { name: named("Envoyer d'abord") });
  if (await first.isVisible()) await first.click();
  await expect(camille.button(camille.words.signIn)).toBeVisible();
  expect(await vaults(camille.page)).toEqual([]);

  const luc = await enter(LUC);
  await luc.open(`/messages/${conversation}`);
  await expect(luc.message(CAMILLE.name, 'Pas encore parti')).toHaveCount(1);
  await expect(luc.message(CAMILLE.name, 'Celui-ci non plus')).toHaveCount(1);
});

test('signing out in one tab empties the other, and leaves no vault', async ({ enter, guard }) => {
  guard.announce(/status 401/, /401/);
  const camille = await enter(CAMILLE);
  await camille.openConversation(LUC);
  await expect.poll(async () => (await vaults(camille.page)).length).toBe(1);
  const other = new Person(await camille.context.newPage(), camille.context, camille.origin, true);
  await other.open('/parametres/profil');
  await expect(other.page.locator('html[data-whole]')).toBeAttached();

  await other.button(other.words.signOut).first().click();

  await expect(other.button(other.words.signIn)).toBeVisible();
  await expect(camille.button(camille.words.signIn)).toBeVisible();
  expect(await vaults(other.page)).toEqual([]);
});

test('sealed, a profile holds no word; signed out without a network, it holds no vault, and the session ends first', async ({ server, guard }) => {
  guard.announce(...UNREACHABLE, /ERR_/, /status 401/, /401/);
  const canary = 'canari-vert-sous-la-neige';
  const profile = mkdtempSync(join(tmpdir(), 'pli-profile-'));
  const cut = await Cut.before(server.port);
  const launch = () =>
    chromium.launchPersistentContext(profile, { executablePath: CHROMIUM, args: CHROMIUM_FLAGS, locale: 'fr-CA', timezoneId: 'America/Toronto' });
  let context = await launch();
  try {
    let page = context.pages()[0] ?? (await context.newPage());
    let camille = new Person(page, context, cut.origin, true);
    await camille.signIn(CAMILLE);
    await camille.openConversation(FATOU);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await expect.poll(async () => (await vaults(page)).length).toBe(1);
    cut.set('refuse');
    await camille.write(FATOU.name, canary);
    await camille.compose(FATOU.name).fill(`${canary}, suite`);
    await expect.poll(async () => (await records(page)).length).toBe(2);
    await context.close();
    expect(filesHolding(profile, canary)).toEqual([]);

    cut.set('fine');
    context = await launch();
    page = context.pages()[0] ?? (await context.newPage());
    camille = new Person(page, context, cut.origin, true);
    await page.route(SEND, (route) => route.abort('connectionfailed'));
    await camille.open('/parametres/profil');
    await expect(page.getByText(/en attente d’envoi/)).toBeVisible();
    cut.set('refuse');
    await camille.button(camille.words.signOut).first().click();
    await camille.dialog.getByRole('button', { name: named('Se déconnecter et supprimer') }).click();
    await expect(page).toHaveURL(/hors-ligne/);
    await expect(page.getByText(/la session y prendra fin/)).toBeVisible();
    expect(await vaults(page)).toEqual([]);

    // Back on the network, nothing of hers is shown before the session is over.
    cut.set('fine');
    await page.goto(`${cut.origin}/accueil`);
    await hydrated(page);
    await expect(camille.button(camille.words.signIn)).toBeVisible();
  } finally {
    await context.close();
    await cut.close();
    rmSync(profile, { recursive: true, force: true });
  }
});
