// A page's code that does not come, or comes damaged.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './lib/pli';
import { ANNE, CAMILLE } from './lib/people';

// What the browser and the loader say of it.
const LOST = [/\.(chunk|rest)/, /chunks\.js/, /Service Worker registration blocked/];

// A service worker would have fetched it ahead of time.
const WITHOUT_WORKER = { serviceWorkers: 'block' } as const;

test('a page whose code does not come says so, and comes when asked again', async ({ enter, guard }) => {
  guard.announce(...LOST);
  const camille = await enter(CAMILLE, WITHOUT_WORKER);
  await camille.open('/accueil');
  let n_asked = 0;
  await camille.page.route('**/network.chunk', async (route) => {
    n_asked += 1;
    if (n_asked === 1) return route.abort('failed');
    if (n_asked > 2) return route.continue();
    // Of the right length, and nothing of it is right.
    const whole = await (await route.fetch()).body();
    return route.fulfill({ status: 200, body: Buffer.alloc(whole.length) });
  });
  const failed = camille.page.getByText('La page n’a pas pu être chargée');
  const again = camille.page.getByRole('button', { name: 'Réessayer' });

  await camille.page.getByRole('navigation').getByRole('link', { name: 'Réseau' }).click();
  await expect(failed).toBeVisible();
  await again.click();
  await expect.poll(() => n_asked).toBe(2);
  await expect(failed).toBeVisible();
  await again.click();

  await expect(camille.page.getByRole('heading', { level: 1, name: 'Réseau' })).toBeVisible();
  expect(n_asked).toBe(3);
});

test('a first page whose code does not come stays as the server has drawn it, and its links lead on', async ({ enter, guard }) => {
  guard.announce(...LOST);
  const camille = await enter(CAMILLE, WITHOUT_WORKER);
  await camille.page.route('**/home.chunk', (route) => route.abort('failed'));

  await camille.page.goto(`${camille.origin}/accueil`);
  await expect(camille.page.getByRole('heading', { level: 1 })).toContainText('Camille');
  await expect(camille.page.locator('html[data-hydrated]')).toHaveCount(0);
  await camille.page.getByRole('navigation').getByRole('link', { name: 'Réseau' }).click();

  await expect(camille.page.getByRole('heading', { level: 1, name: 'Réseau' })).toBeVisible();
  await expect(camille.page.locator('html[data-hydrated]')).toHaveCount(1);
});

test('code that is wanted before it has come is waited for', async ({ enter, guard }) => {
  guard.announce(...LOST);
  const camille = await enter(CAMILLE, WITHOUT_WORKER);
  const asked = new Set<string>();
  // What the page fetches ahead fails, however often; what it waits for comes.
  await camille.page.route('**/*.rest', (route) => {
    if (route.request().resourceType() === 'xhr') return route.continue();
    asked.add(route.request().url());
    return route.abort('failed');
  });
  await camille.openConversation(ANNE);
  await expect.poll(() => asked.size).toBe(2);

  await camille.compose(ANNE.name).fill('À demain');
  await camille.choose(camille.words.close);

  await expect(camille.dialog).toBeVisible();
  await expect(camille.compose(ANNE.name)).toHaveValue('À demain');
  const waits = await camille.page.evaluate(() => performance.getEntriesByName('rest-waited-for').length);
  expect(waits).toBeGreaterThan(0);
});

test('a rest that does not come is tried again, and the stream begins then', async ({ enter, guard }) => {
  guard.announce(...LOST);
  const [anne, camille] = [await enter(ANNE), await enter(CAMILLE, WITHOUT_WORKER)];
  let failures = 0;
  await camille.page.route('**/*.rest', (route) => (failures++ < 2 ? route.abort('failed') : route.continue()));
  const conversation = await camille.openConversation(ANNE);

  await expect(camille.page.locator('html[data-whole]')).toBeAttached();
  await anne.sendByCall(conversation, 'Bien reçu');

  await expect(camille.message(ANNE.name, 'Bien reçu')).toBeVisible();
  expect(failures).toBeGreaterThan(2);
});

test('what is sent before the page is alive does not come back as a draft', async ({ enter, guard }) => {
  guard.announce(...LOST);
  const camille = await enter(CAMILLE, WITHOUT_WORKER);
  await camille.page.route('**/conversation.chunk', (route) => route.abort('failed'));
  const address = `${camille.origin}/messages/${await camille.conversationWith(ANNE)}`;
  await camille.page.goto(address);
  await expect(camille.page.locator('html[data-hydrated]')).toHaveCount(0);

  await camille.compose(ANNE.name).fill('Parti sans attendre');
  await camille.compose(ANNE.name).evaluate((box: HTMLTextAreaElement) => box.form?.requestSubmit());

  await expect(camille.message(ANNE.name, 'Parti sans attendre')).toBeVisible();
  // A draft may arrive after the page that followed.
  await camille.page.goto(address);
  await expect(camille.message(ANNE.name, 'Parti sans attendre')).toBeVisible();
  await expect(camille.compose(ANNE.name)).toHaveValue('');
});

test('what was typed before the rest has come is saved when the page is left', async ({ enter, guard }) => {
  guard.announce(...LOST);
  const camille = await enter(CAMILLE, WITHOUT_WORKER);
  let n_asked = 0;
  // It is on its way for as long as the page is there.
  await camille.page.route('**/*.rest', () => void n_asked++);
  const conversation = await camille.openConversation(ANNE);
  await expect.poll(() => n_asked).toBe(2);

  await camille.compose(ANNE.name).evaluate((box: HTMLTextAreaElement) => {
    // The last key, and the page goes in the same moment.
    box.value = 'À demain';
    location.assign('/aide');
  });

  const other = await enter(CAMILLE);
  await expect(async () => {
    await other.open(`/messages/${conversation}`);
    await expect(other.compose(ANNE.name)).toHaveValue('À demain', { timeout: 1_000 });
  }).toPass();
});

test('a page that wears the second style sheet brings it, and is not seen without it', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const nSheets = () => camille.page.evaluate(() => document.styleSheets.length);
  await camille.open('/accueil');
  expect(await nSheets()).toBe(1);
  // From the first sight of the page on, it must be there.
  await camille.page.evaluate(() => {
    new MutationObserver(() => {
      const page = document.querySelector('.settings');
      if (page) document.documentElement.dataset.seenWith ??= String(document.styleSheets.length);
    }).observe(document.body, { childList: true, subtree: true });
  });

  await camille.page.locator('a[href="/parametres"]').first().click();

  await expect(camille.page.locator('.settings')).toBeVisible();
  expect(await camille.page.evaluate(() => document.documentElement.dataset.seenWith)).toBe('2');
});

// Source of the figures: the test vectors of draft-eastlake-fnv, as in `app/src/conversations/meeting.rs`.
test('the script that carries a draft marks words as the server does', () => {
  const script = readFileSync(join(import.meta.dirname, '../xtask/src/chunks.js'), 'utf8');
  const text = /^function markOf[\s\S]*?^}/m.exec(script)?.[0];
  const markOf = new Function(`${text}; return markOf;`)() as (words: string) => number;

  expect(['', 'a', 'foobar'].map(markOf)).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
});
