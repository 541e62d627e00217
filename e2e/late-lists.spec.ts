// Lists come alive last: what the server has drawn is read, leads on, and takes presses before.
import { expect, test } from './lib/pli';
import { ANNE, CAMILLE } from './lib/people';
import type { Person } from './lib/person';

// What the browser says of a script that waits.
const WAITING = [/\.(chunk|rest)/, /chunks\.js/, /Service Worker registration blocked/];

// A service worker would have the rest already.
const WITHOUT_WORKER = { serviceWorkers: 'block' } as const;

/** Keeps the rest of the page's code away until it is let go. What a press cannot do without comes for that press alone. */
async function holdRest(person: Person): Promise<() => void> {
  let letGo = (): void => {};
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  await person.page.route('**/*.rest', async (route) => {
    if (route.request().resourceType() !== 'xhr') await gate;
    await route.continue();
  });
  return () => letGo();
}

test('a button that is pressed before its list is alive is pressed once it is, and keeps the focus', async ({ enter, guard }) => {
  guard.announce(...WAITING);
  const camille = await enter(CAMILLE, WITHOUT_WORKER);
  const conversation = await camille.conversationWith(ANNE);
  await camille.sendByCall(conversation, 'Merci, je regarde cela.');
  const letGo = await holdRest(camille);
  await camille.openConversation(ANNE);
  const state = camille.page.locator('button.message__state').last();

  await state.click();
  await expect(state).toHaveAttribute('aria-expanded', 'false');
  letGo();

  await expect(state).toHaveAttribute('aria-expanded', 'true');
  await expect(state).toBeFocused();
});

test('a list keeps its place on the screen when it comes alive', async ({ enter, guard }) => {
  guard.announce(...WAITING);
  const camille = await enter(CAMILLE, { ...WITHOUT_WORKER, viewport: { width: 820, height: 700 } });
  const letGo = await holdRest(camille);
  await camille.openConversation(ANNE);
  const scroller = camille.page.locator('.conversation__scroller');
  await scroller.evaluate((frame) => frame.scrollTo({ top: -300 }));
  const places = (): Promise<number[]> =>
    camille.page.locator('.messages > li').evaluateAll((rows) => rows.map((row) => Math.round(row.getBoundingClientRect().top)));
  const before = await places();

  letGo();
  await expect(camille.page.locator('html[data-whole]')).toBeAttached();

  expect(before.length).toBeGreaterThan(3);
  expect(await places()).toEqual(before);
});

test('a row leads on before its list is alive', async ({ enter, guard }) => {
  guard.announce(...WAITING);
  const camille = await enter(CAMILLE, WITHOUT_WORKER);
  const letGo = await holdRest(camille);
  await camille.open('/accueil');

  await camille.page.locator('.conversation-row').filter({ hasText: ANNE.name }).click();
  // A later page comes whole.
  letGo();

  await expect(camille.compose(ANNE.name)).toBeVisible();
});
