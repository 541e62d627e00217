// What a browser does with pages: puts them away and brings them back, lets them die, gives them nothing to keep words in.
import type { Page } from '@playwright/test';
import { expect, test } from './lib/pli';
import { Cut } from './lib/cut';
import { expectKept, records, vaults } from './lib/device';
import { refusal, UNREACHABLE } from './lib/guard';
import { CAMILLE, FATOU, LUC, PASSWORD } from './lib/people';
import { hydrated, Person } from './lib/person';
import { holding, named } from './lib/words';

const SEND = '**/api/v1/conversations.send_message';

const whole = (page: Page) => expect(page.locator('html[data-whole]')).toBeAttached();

test('a browser that keeps nothing says so while something waits, sends all the same, and warns before the page goes', async ({ enter, guard }) => {
  guard.announce(/ERR_CONNECTION_FAILED/);
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await camille.context.addInitScript(() => Object.defineProperty(globalThis, 'indexedDB', { value: undefined }));
  const conversation = await camille.openConversation(LUC);
  await luc.open(`/messages/${conversation}`);
  await whole(camille.page);
  const warning = camille.page.getByText(/Ce navigateur ne garde rien/);

  await camille.write(LUC.name, 'Sans rien garder');
  await expect(luc.message(CAMILLE.name, 'Sans rien garder')).toHaveCount(1);
  await expect(warning).toHaveCount(0);

  await camille.page.route(SEND, (route) => route.abort('connectionfailed'));
  await camille.write(LUC.name, 'Rien ne me garde');
  await expect(warning).toBeVisible();
  const asked = camille.page.waitForEvent('dialog');
  // Waits for the answer: the person stays.
  const closing = camille.page.close({ runBeforeUnload: true });
  const question = await asked;
  expect(question.type()).toBe('beforeunload');
  await question.dismiss();
  await closing;

  await camille.page.unroute(SEND);
  await expect(luc.message(CAMILLE.name, 'Rien ne me garde')).toHaveCount(1, { timeout: 40_000 });
  await expect(camille.message(LUC.name, 'Rien ne me garde')).toHaveCount(1);
  await expect(warning).toHaveCount(0);
  // Nothing is unsafe any more: the page goes without a question.
  await camille.page.close({ runBeforeUnload: true });
  await expect.poll(() => camille.page.isClosed()).toBe(true);
});

test('a page that was put away and comes back opens a fresh stream and has caught up before it counts as connected', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  const conversation = await camille.openConversation(LUC);
  await whole(camille.page);
  const asks: string[] = [];
  camille.page.on('request', (request) => {
    const path = new URL(request.url()).pathname;
    // What it says of what it has heard may come at any time.
    if (path.startsWith('/api/v1/events') && !path.endsWith('.acknowledge_events')) asks.push(path);
  });
  await luc.sendByCall(conversation, 'Avant');
  await expect(camille.message(LUC.name, 'Avant')).toHaveCount(1);
  // Chromium puts no page away whose answer says `no-store`; others do, and tell the page so.
  const pass = (type: string) =>
    camille.page.evaluate((type) => void dispatchEvent(new PageTransitionEvent(type, { persisted: true })), type);

  await pass('pagehide');
  await luc.sendByCall(conversation, 'Pendant');
  // Put away, it hears nothing; so nothing that it shows by then can be new.
  await expect.poll(async () => (await luc.read<{ messages: unknown[] }>('conversations.read_timeline', { conversation, after: 0 })).messages.length).toBe(2);
  expect(await camille.message(LUC.name, 'Pendant').count()).toBe(0);
  asks.length = 0;
  await pass('pageshow');

  await expect(camille.message(LUC.name, 'Pendant')).toHaveCount(1);
  expect(asks.slice(0, 2).sort()).toEqual(['/api/v1/events', '/api/v1/events.list_events']);
  await luc.sendByCall(conversation, 'Après');
  await expect(camille.message(LUC.name, 'Après')).toHaveCount(1);
});

test('a tab that dies in the middle of a word takes the last keys at most with it', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const conversation = await camille.openConversation(FATOU);
  await whole(camille.page);
  await expect.poll(async () => (await vaults(camille.page)).length).toBe(1);
  const words = 'Un tiers du traitement suffit, puis ';
  // The server has no part in it.
  await camille.page.route('**/api/v1/conversations.save_draft', () => {});
  await camille.compose(FATOU.name).click();
  await camille.page.keyboard.type(words, { delay: 60 });

  const devtools = await camille.context.newCDPSession(camille.page);
  const crashed = camille.page.waitForEvent('crash');
  // Nobody is left to answer.
  void devtools.send('Page.crash').catch(() => {});
  await crashed;

  const again = new Person(await camille.context.newPage(), camille.context, camille.origin, true);
  await again.open(`/messages/${conversation}`);
  await expect(again.compose(FATOU.name)).not.toHaveValue('');
  const kept = await again.compose(FATOU.name).inputValue();
  test.info().annotations.push({ type: 'keys lost', description: String(words.length - kept.length) });
  expect(words.startsWith(kept)).toBe(true);
  expect(words.length - kept.length).toBeLessThanOrEqual(2);
});

test('words written behind a message that waits are not taken away when it leaves', async ({ enter, guard }) => {
  guard.announce(/ERR_CONNECTION_FAILED/);
  const camille = await enter(CAMILLE);
  const elsewhere = await enter(CAMILLE);
  const conversation = await camille.openConversation(LUC);
  const saved = async () => {
    const { conversation: found } = await elsewhere.read<{ conversation: { draft?: string } }>('conversations.get_conversation', { conversation });
    return found.draft ?? '';
  };
  const saves: string[] = [];
  camille.page.on('request', (request) => void (request.url().endsWith('save_draft') && saves.push(request.postDataJSON().draft)));
  await camille.page.route(SEND, (route) => route.abort('connectionfailed'));
  await camille.write(LUC.name, 'Elle attend');
  await camille.compose(LUC.name).fill('La suite');
  await expect.poll(async () => (await records(camille.page)).length).toBe(2);
  // Saved now, the server would lose it with the message.
  expect(saves).not.toContain('La suite');

  await camille.page.reload();
  await hydrated(camille.page);
  await expect(camille.compose(LUC.name)).toHaveValue('La suite');
  await camille.page.unroute(SEND);

  await expect(camille.message(LUC.name, 'Elle attend')).toHaveAccessibleName(holding(camille.words.sentState), { timeout: 40_000 });
  await expect.poll(saved).toBe('La suite');
  await expect(camille.compose(LUC.name)).toHaveValue('La suite');
  await expect.poll(() => records(camille.page)).toEqual([]);
});

test('after twelve hours without the server the words are sealed; they leave once it is back', async ({ server, visit, enter, guard }) => {
  guard.announce(...UNREACHABLE);
  const cut = await Cut.before(server.port);
  try {
    const luc = await enter(LUC);
    const camille = await visit({}, cut.origin);
    await camille.signIn(CAMILLE);
    await camille.page.clock.install();
    // A vault is there before the server has said what opens it.
    const opened = camille.page.waitForResponse(
      (response) => response.url().endsWith('accounts.open_vault') && response.frame().url().includes('/messages/'),
    );
    const conversation = await camille.openConversation(LUC);
    await whole(camille.page);
    await opened;
    await expect.poll(async () => (await vaults(camille.page)).length).toBe(1);
    cut.set('refuse');
    await camille.write(LUC.name, 'Avant la nuit');
    await expectKept(camille.page, 1);

    // Somebody is there all the time: the page does not lock.
    for (let n = 0; n < 13; n++) {
      await camille.page.clock.fastForward('56:00');
      await camille.compose(LUC.name).press('Shift');
    }
    await camille.page.clock.runFor(61_000);
    // Sealed: what is written now cannot rest, and the browser asks before the page goes.
    await camille.write(LUC.name, 'Après la nuit');
    await expect(camille.message(LUC.name, 'Après la nuit')).toHaveAccessibleName(holding(camille.words.pending));
    expect((await records(camille.page)).filter((id) => id.startsWith('message/')).length).toBe(1);

    cut.set('fine');
    await camille.page.clock.runFor(60_000);
    await luc.open(`/messages/${conversation}`);
    for (const words of ['Avant la nuit', 'Après la nuit']) {
      await expect(luc.message(CAMILLE.name, words)).toHaveCount(1, { timeout: 20_000 });
    }
    await expectKept(camille.page, 0);
  } finally {
    await cut.close();
  }
});

test('a session that ends with messages waiting: signed in again over the page, they leave in their order', async ({ enter, guard }) => {
  guard.announce(/ERR_CONNECTION_FAILED/, ...refusal(401));
  const camille = await enter(CAMILLE);
  const elsewhere = await enter(CAMILLE);
  const luc = await enter(LUC);
  const conversation = await camille.openConversation(LUC);
  await luc.open(`/messages/${conversation}`);
  await camille.page.route(SEND, (route) => route.abort('connectionfailed'));
  for (const word of ['un', 'deux', 'trois']) await camille.write(LUC.name, `veille ${word}.`);
  await expectKept(camille.page, 3);

  const { devices } = await elsewhere.read<{ devices: { id: string; is_current: boolean }[] }>('accounts.list_devices');
  for (const device of devices.filter(({ is_current }) => !is_current)) await elsewhere.call('accounts.revoke_device', { device: device.id });
  const dialog = camille.dialog.filter({ has: camille.page.getByLabel(camille.words.password, { exact: true }) });
  await expect(dialog).toBeVisible({ timeout: 20_000 });
  await camille.page.unroute(SEND);
  const email = dialog.getByRole('textbox', { name: named(camille.words.email) });
  if (await email.isVisible()) await email.fill(CAMILLE.email);
  await dialog.getByLabel(camille.words.password, { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: named(camille.words.signIn) }).click();

  const bubbles = luc.message(CAMILLE.name, 'veille');
  await expect(bubbles).toHaveCount(3, { timeout: 40_000 });
  const names = await bubbles.evaluateAll((items) => items.map((item) => /veille (\S+?)\./.exec(item.textContent ?? '')?.[1]));
  expect(names).toEqual(['un', 'deux', 'trois']);
  await expect(camille.message(LUC.name, 'veille')).toHaveCount(3);
});

test('signing out before the vault is open names what is sealed in it', async ({ enter, guard }) => {
  guard.announce(/ERR_CONNECTION_FAILED/);
  const camille = await enter(CAMILLE);
  await camille.openConversation(LUC);
  await camille.page.route(SEND, (route) => route.abort('connectionfailed'));
  for (const word of ['Un', 'Deux']) await camille.write(LUC.name, word);
  await expectKept(camille.page, 2);
  // The page that comes has the network for everything but the key.
  await camille.page.route('**/api/v1/accounts.open_vault', (route) => route.abort('connectionfailed'));
  await camille.open('/parametres/profil');
  await whole(camille.page);

  await camille.button(camille.words.signOut).first().click();
  await expect(camille.dialog).toContainText(/2 messages encore scellés sur cet appareil/);
  await camille.dialog.getByRole('button', { name: named('Se déconnecter et supprimer') }).click();

  await expect(camille.button(camille.words.signIn)).toBeVisible();
  expect(await vaults(camille.page)).toEqual([]);
});

test('without a network, the page says how many messages wait on this device, and none of their words', async ({ enter, guard }) => {
  guard.announce(/ERR_CONNECTION_FAILED/, ...UNREACHABLE);
  const camille = await enter(CAMILLE);
  await camille.openConversation(LUC);
  await camille.page.route(SEND, (route) => route.abort('connectionfailed'));
  for (const word of ['Un secret', 'Deux secrets']) await camille.write(LUC.name, word);
  await expectKept(camille.page, 2);

  await camille.page.goto(`${camille.origin}/hors-ligne`);
  await hydrated(camille.page);

  await expect(camille.page.getByText(/2\s+messages attendent sur cet appareil/)).toBeVisible();
  await expect(camille.page.getByText(/scellé/)).toBeVisible();
  expect(await camille.page.content()).not.toContain('secret');
});
