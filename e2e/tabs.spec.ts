// Several tabs of one browser: one of them holds the stream, all of them hear it, whatever becomes of the holder.
import type { BrowserContext, Page } from '@playwright/test';
import { expect, test } from './lib/pli';
import { CAMILLE, LUC } from './lib/people';
import { Person } from './lib/person';

/** Lets pages of the browser tell how many streams they have open. */
async function countStreams(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const streams: EventSource[] = [];
    globalThis.EventSource = class extends EventSource {
      constructor(url: string | URL) {
        super(url);
        streams.push(this);
      }
    };
    Object.assign(globalThis, { nStreams: () => streams.filter(({ readyState }) => readyState !== EventSource.CLOSED).length });
  });
}

const nStreams = (page: Page) => page.evaluate(() => (globalThis as unknown as { nStreams: () => number }).nStreams());

/** Waits until exactly one of the tabs has a stream; gives it. */
async function holder(tabs: Person[]): Promise<Person> {
  let found: Person | undefined;
  await expect(async () => {
    const counts = await Promise.all(tabs.map(({ page }) => nStreams(page)));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1);
    found = tabs[counts.indexOf(1)];
  }).toPass({ timeout: 15_000 });
  return found!;
}

/** Another tab of the same browser. */
async function openTab(person: Person, path: string): Promise<Person> {
  const tab = new Person(await person.context.newPage(), person.context, person.origin, true);
  await tab.open(path);
  await expect(tab.page.locator('html[data-whole]')).toBeAttached();
  return tab;
}

/** The page says that it is hidden, or seen again; a test browser shows all its pages. */
async function pretend(page: Page, state: 'hidden' | 'visible'): Promise<void> {
  await page.evaluate((state) => {
    Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
    Object.defineProperty(document, 'hidden', { value: state === 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, state);
}

test('eight tabs of a browser share one stream, and a message reaches them all', async ({ enter }) => {
  test.setTimeout(120_000);
  const camille = await enter(CAMILLE);
  await countStreams(camille.context);
  const luc = await enter(LUC);
  const conversation = await camille.openConversation(LUC);
  const tabs = [camille];
  // One more than a browser opens connections: with a stream each, the seventh would hang.
  for (let n = 1; n < 8; n++) tabs.push(await openTab(camille, `/messages/${conversation}`));

  await holder(tabs);
  await luc.sendByCall(conversation, 'À tous les onglets');

  for (const tab of tabs) await expect(tab.message(LUC.name, 'À tous les onglets')).toHaveCount(1);
});

test('when the tab that holds the stream goes, another takes it over, and nothing is missed', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await countStreams(camille.context);
  const luc = await enter(LUC);
  const conversation = await camille.openConversation(LUC);
  const tabs = [camille, await openTab(camille, `/messages/${conversation}`), await openTab(camille, `/messages/${conversation}`)];

  while (tabs.length > 1) {
    const leader = await holder(tabs);
    tabs.splice(tabs.indexOf(leader), 1);
    const word = `Sans ${tabs.length};`;
    await Promise.all([leader.page.close({ runBeforeUnload: false }), luc.sendByCall(conversation, word)]);
    for (const tab of tabs) await expect(tab.message(LUC.name, word)).toHaveCount(1);
  }
});

test('a tab that is seen takes the stream from one that is hidden, at once', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await countStreams(camille.context);
  const luc = await enter(LUC);
  const conversation = await camille.openConversation(LUC);
  expect(await holder([camille])).toBe(camille);
  const seen = await openTab(camille, `/messages/${conversation}`);
  expect(await holder([camille, seen])).toBe(camille);

  await pretend(camille.page, 'hidden');
  await expect(async () => expect(await holder([camille, seen])).toBe(seen)).toPass();

  await luc.sendByCall(conversation, 'À qui regarde');
  for (const tab of [seen, camille]) await expect(tab.message(LUC.name, 'À qui regarde')).toHaveCount(1);
});

test('a holder that stands still loses the stream to a tab that opens, and comes back as one that follows', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await countStreams(camille.context);
  const luc = await enter(LUC);
  const conversation = await camille.openConversation(LUC);
  expect(await holder([camille])).toBe(camille);

  // As a browser does with a tab that it has put to sleep: no line of its script runs.
  const asleep = camille.page.evaluate(() => {
    for (const until = Date.now() + 8_000; Date.now() < until; );
  });
  const seen = await openTab(camille, `/messages/${conversation}`);
  await expect.poll(() => nStreams(seen.page)).toBe(1);
  await luc.sendByCall(conversation, 'Pendant le sommeil');
  await expect(seen.message(LUC.name, 'Pendant le sommeil')).toHaveCount(1, { timeout: 4_000 });

  await asleep;
  expect(await holder([camille, seen])).toBe(seen);
  await expect(camille.message(LUC.name, 'Pendant le sommeil')).toHaveCount(1);
});
