// What is written and not yet sent outlives the page: it rests on the device, sealed, and leaves once.
import type { Page } from '@playwright/test';
import { expect, test } from './lib/pli';
import { Cut } from './lib/cut';
import { expectKept, records, vaults } from './lib/device';
import { refusal, UNREACHABLE } from './lib/guard';
import { CAMILLE, FATOU, LUC, PASSWORD } from './lib/people';
import { hydrated, Person } from './lib/person';
import { holding, named } from './lib/words';

/** The page's sends do not arrive; everything else does. */
async function holdSends(page: Page): Promise<() => Promise<void>> {
  const pattern = '**/api/v1/conversations.send_message';
  await page.route(pattern, (route) => route.abort('connectionfailed'));
  return () => page.unroute(pattern);
}

const LOST_SEND = [/ERR_CONNECTION_FAILED/];

test('what waits is there after a reload, in its order, and leaves once', async ({ enter, guard }) => {
  guard.announce(...LOST_SEND);
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await luc.openConversation(CAMILLE);
  await camille.openConversation(LUC);
  // Held over the reload as well: a moment without would be one in which they leave.
  const release = await holdSends(camille.page);
  for (const word of ['un', 'deux', 'trois']) await camille.write(LUC.name, `file ${word}.`);
  await expectKept(camille.page, 3);

  await camille.page.reload();
  await hydrated(camille.page);
  for (const word of ['un', 'deux', 'trois']) {
    await expect(camille.message(LUC.name, `file ${word}.`)).toHaveAccessibleName(holding(camille.words.pending));
  }
  await camille.write(LUC.name, 'file quatre.');
  await release();

  const bubbles = luc.message(CAMILLE.name, 'file');
  await expect(bubbles).toHaveCount(4, { timeout: 40_000 });
  const names = await bubbles.evaluateAll((items) => items.map((item) => /file (\S+?)\./.exec(item.textContent ?? '')?.[1]));
  expect(names).toEqual(['un', 'deux', 'trois', 'quatre']);
  await expect(camille.message(LUC.name, 'file')).toHaveCount(4);
  await expectKept(camille.page, 0);
});

test('a tab that is killed takes nothing with it: home is enough for what waited to leave', async ({ enter, guard }) => {
  guard.announce(...LOST_SEND);
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  const conversation = await camille.openConversation(LUC);
  await holdSends(camille.page);
  await camille.write(LUC.name, 'Avant le plantage');
  await expectKept(camille.page, 1);

  await camille.page.close({ runBeforeUnload: false });
  const page = await camille.context.newPage();
  const again = new Person(page, camille.context, camille.origin, true);
  await again.open('/accueil');

  const said = async () => {
    const { messages } = await luc.read<{ messages: { body: string }[] }>('conversations.read_timeline', { conversation });
    return messages.map(({ body }) => body);
  };
  await expect.poll(said).toEqual(['Avant le plantage']);
  await expectKept(page, 0);
});

test('a session that is over leaves the words sealed; after signing in again they leave', async ({ enter, guard }) => {
  guard.announce(...LOST_SEND, ...refusal(401));
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await luc.openConversation(CAMILLE);
  const conversation = await camille.openConversation(LUC);
  const release = await holdSends(camille.page);
  await camille.write(LUC.name, 'Scellé');
  await expectKept(camille.page, 1);

  await camille.context.clearCookies();
  await camille.page.goto(`${camille.origin}/messages/${conversation}`);
  await release();
  await expect(camille.button(camille.words.signIn)).toBeVisible();
  await expectKept(camille.page, 1);
  await hydrated(camille.page);
  await camille.page.getByRole('textbox', { name: named(camille.words.email) }).fill(CAMILLE.email);
  await camille.page.getByLabel(camille.words.password, { exact: true }).fill(PASSWORD);
  await camille.button(camille.words.signIn).click();

  await expect(luc.message(CAMILLE.name, 'Scellé')).toHaveCount(1, { timeout: 20_000 });
  await expectKept(camille.page, 0);
});

test('at a shared tablet another person neither sees nor sends what waits, and it waits on', async ({ enter, guard }) => {
  guard.announce(...LOST_SEND, ...refusal(401));
  const camille = await enter(CAMILLE);
  const conversation = await camille.openConversation(LUC);
  const release = await holdSends(camille.page);
  await camille.write(LUC.name, 'À moi seule');
  await expectKept(camille.page, 1);
  await camille.context.clearCookies();
  await camille.page.goto('about:blank');
  await release();

  await camille.signIn(FATOU);
  await camille.open('/accueil');
  await expect.poll(async () => (await vaults(camille.page)).length).toBe(2);
  expect(await camille.page.getByText('À moi seule').count()).toBe(0);
  await expectKept(camille.page, 1);

  await camille.context.clearCookies();
  await camille.signIn(CAMILLE);
  await camille.open(`/messages/${conversation}`);
  await expect(camille.message(LUC.name, 'À moi seule')).not.toHaveAccessibleName(holding(camille.words.pending));
  await expectKept(camille.page, 0);
});

test('a refusal for good is still told after a reload, with its three ways out', async ({ enter, guard }) => {
  guard.announce(...refusal(403));
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await camille.openConversation(LUC);
  await camille.page.route('**/api/v1/conversations.send_message', (route) =>
    route.fulfill({ status: 403, contentType: 'application/problem+json', body: JSON.stringify({ code: 'channel_closed', status: 403 }) }),
  );
  await camille.write(LUC.name, 'Refusé');
  const failed = camille.message(LUC.name, 'Refusé');
  await expect(failed).toHaveAccessibleName(holding(camille.words.failed));
  await camille.page.unroute('**/api/v1/conversations.send_message');

  await camille.page.reload();
  await hydrated(camille.page);
  await expect(failed).toHaveAccessibleName(holding(camille.words.failed));
  for (const way of ['Réessayer', 'Modifier', 'Supprimer']) await expect(failed.getByRole('button', { name: way })).toBeVisible();
  await failed.getByRole('button', { name: 'Réessayer' }).click();

  await luc.openConversation(CAMILLE);
  await expect(luc.message(CAMILLE.name, 'Refusé')).toHaveCount(1);
});

test('of two tabs one sends: the message stands once in each, and when the leader dies the other goes on', async ({ enter, guard }) => {
  guard.announce(...LOST_SEND);
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await luc.openConversation(CAMILLE);
  const conversation = await camille.openConversation(LUC);
  await expect.poll(async () => (await vaults(camille.page)).length).toBe(1);
  const second = new Person(await camille.context.newPage(), camille.context, camille.origin, true);
  await second.open(`/messages/${conversation}`);
  let sentBySecond = 0;
  second.page.on('request', (request) => (sentBySecond += Number(request.url().endsWith('conversations.send_message'))));

  await second.write(LUC.name, 'Par l’autre onglet');
  for (const tab of [camille, second]) {
    const bubble = tab.message(LUC.name, 'Par l’autre onglet');
    await expect(bubble).toHaveAccessibleName(new RegExp(`${camille.words.sentState}|remis|lu`));
    await expect(bubble).toHaveCount(1);
  }
  expect(sentBySecond).toBe(0);

  await holdSends(camille.page);
  await second.write(LUC.name, 'Le premier meurt');
  await expect(second.message(LUC.name, 'Le premier meurt')).toHaveAccessibleName(holding(camille.words.pending));
  await camille.page.close({ runBeforeUnload: false });

  await expect(luc.message(CAMILLE.name, 'Le premier meurt')).toHaveCount(1, { timeout: 20_000 });
  await expect(second.message(LUC.name, 'Le premier meurt')).toHaveCount(1);
  await expectKept(second.page, 0);
});

test('words that stay in the box while the network is away outlive a crash, and follow to other devices', async ({ enter, server, visit, guard }) => {
  guard.announce(...UNREACHABLE);
  const cut = await Cut.before(server.port);
  try {
    const camille = await visit({}, cut.origin);
    await camille.signIn(CAMILLE);
    const elsewhere = await enter(CAMILLE);
    const conversation = await camille.openConversation(FATOU);
    await camille.compose(FATOU.name).fill('Premier jet');
    const saved = async () => {
      const { conversation: found } = await elsewhere.read<{ conversation: { draft?: string } }>('conversations.get_conversation', { conversation });
      return found.draft ?? '';
    };
    await expect.poll(saved).toBe('Premier jet');

    cut.set('refuse');
    await camille.compose(FATOU.name).fill('Premier jet, repris hors ligne');
    await expect.poll(async () => (await records(camille.page)).filter((id) => id.startsWith('draft/')).length).toBe(1);
    await camille.page.close({ runBeforeUnload: false });
    cut.set('fine');

    const again = new Person(await camille.context.newPage(), camille.context, cut.origin, true);
    await again.open(`/messages/${conversation}`);
    await expect(again.compose(FATOU.name)).toHaveValue('Premier jet, repris hors ligne');
    await expect.poll(saved).toBe('Premier jet, repris hors ligne');
    await expect.poll(() => records(again.page)).toEqual([]);
  } finally {
    await cut.close();
  }
});
