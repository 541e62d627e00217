// An app on the home screen: installable, opens without a network, keeps nothing personal.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { expect, test } from './lib/pli';
import { CHROMIUM, CHROMIUM_FLAGS } from './lib/browser';
import { UNREACHABLE } from './lib/guard';
import { ANNE, CAMILLE } from './lib/people';
import { Person } from './lib/person';

test('installable, and useful without a network', async ({ server, guard }) => {
  guard.announce(...UNREACHABLE);
  // An ordinary test browser counts as private, where nothing can be installed.
  const profile = mkdtempSync(join(tmpdir(), 'pli-profile-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    args: CHROMIUM_FLAGS,
    locale: 'fr-CA',
    timezoneId: 'America/Toronto',
  });
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    guard.watch(page);
    const camille = new Person(page, context, server.origin, true);
    await camille.signIn(CAMILLE);
    await camille.open('/accueil');
    await page.evaluate(() => navigator.serviceWorker.ready.then((registration) => registration.active?.state));

    const devtools = await context.newCDPSession(page);
    const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
    expect(installabilityErrors).toEqual([]);
    const manifest = await devtools.send('Page.getAppManifest');
    expect(manifest.errors).toEqual([]);

    // With the worker in charge, a few pages are read; none of them may stay behind.
    await camille.open('/accueil');
    await camille.openConversation(ANNE);
    await camille.open('/reseau');
    const kept = await page.evaluate(async () => {
      const urls: string[] = [];
      for (const name of await caches.keys()) {
        for (const request of await (await caches.open(name)).keys()) urls.push(new URL(request.url).pathname);
      }
      return urls;
    });
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.filter((path) => !path.startsWith('/pkg/') && path !== '/hors-ligne')).toEqual([]);
    const [keptPage, served] = await page.evaluate(async () => [
      await (await caches.match('/hors-ligne'))!.text(),
      await (await fetch('/hors-ligne')).text(),
    ]);
    for (const personal of [CAMILLE.name, 'Camille', ANNE.name]) {
      expect(keptPage).not.toContain(personal);
      expect(served).not.toContain(personal);
    }

    await context.setOffline(true);
    await page.goto(`${server.origin}/reseau`);
    await expect(page).toHaveURL(/\/hors-ligne/);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await context.setOffline(false);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
});

test('hashed files are kept for ever, pages and answers never', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const headers = async (path: string) => (await camille.context.request.get(camille.origin + path)).headers();
  const page = await (await camille.context.request.get(`${camille.origin}/accueil`)).text();
  const script = /\/pkg\/[0-9a-f]{16}\/app\.js/.exec(page)?.[0];

  expect(script).toBeDefined();
  expect((await headers(script!))['cache-control']).toContain('immutable');
  expect((await headers('/accueil'))['cache-control']).toBe('no-store');
  expect((await headers('/api/v1/accounts.get_me'))['cache-control']).toBe('no-store');
  expect((await headers('/sw.js'))['cache-control']).toBe('no-cache');
});

test('WEB-07: the service worker keeps the shell, and nothing of a person', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const kept = () =>
    camille.page.evaluate(async () => {
      const paths: string[] = [];
      for (const name of await caches.keys()) {
        for (const request of await (await caches.open(name)).keys()) paths.push(new URL(request.url).pathname);
      }
      return paths;
    });
  await camille.open('/accueil');
  await camille.page.evaluate(() => navigator.serviceWorker.ready);
  for (const path of ['/accueil', '/reseau', '/parametres/profil']) await camille.open(path);
  await camille.openConversation(ANNE);

  await expect.poll(async () => (await kept()).includes('/hors-ligne')).toBe(true);

  expect((await kept()).filter((path) => !/^\/(pkg\/.+|hors-ligne)$/.test(path))).toEqual([]);
});
