// The three steps by keyboard alone: what cannot be reached with Tab does not exist for some people.
import type { Locator } from '@playwright/test';
import { expect, test } from './lib/pli';
import { CAMILLE, LUC, NADIA } from './lib/people';
import type { Person } from './lib/person';

const MOST_STOPS = 120;

/** Presses Tab until the control has the focus. */
async function tabTo(person: Person, control: Locator): Promise<void> {
  await control.first().waitFor();
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    if (await control.first().evaluate((element) => element === document.activeElement)) return;
    await person.page.keyboard.press('Tab');
  }
  throw new Error(`not reached with ${MOST_STOPS} stops: ${control}`);
}

/** The focus can be seen, and nothing sticky lies over it. */
async function expectFocusVisible(person: Person): Promise<void> {
  const seen = await person.page.evaluate(() => {
    const focused = document.activeElement as HTMLElement;
    const { left, top, width, height } = focused.getBoundingClientRect();
    const style = getComputedStyle(focused);
    const over = document.elementFromPoint(left + width / 2, top + height / 2);
    const hasRing = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
    return { hasRing, isFree: over !== null && (focused.contains(over) || over.contains(focused)) };
  });
  expect(seen).toEqual({ hasRing: true, isFree: true });
}

test('A8 A10 A12: find, ask, accept, write and send with Tab, Enter and Space', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const nadia = await enter(NADIA);
  await nadia.open('/reseau');
  await camille.open('/accueil');

  await tabTo(camille, camille.tab(camille.words.network));
  await expectFocusVisible(camille);
  await camille.page.keyboard.press('Enter');
  await expect(camille.heading(camille.words.network)).toBeFocused();
  await tabTo(camille, camille.searchBox);
  await camille.page.keyboard.type('belkacem');
  await camille.page.keyboard.press('Enter');
  await tabTo(camille, camille.button(camille.words.request(NADIA.name)));
  await expectFocusVisible(camille);
  await camille.page.keyboard.press('Space');

  await tabTo(nadia, nadia.button(nadia.words.accept(CAMILLE.name)));
  await nadia.page.keyboard.press('Enter');

  await tabTo(camille, camille.plane(NADIA.name));
  await expectFocusVisible(camille);
  await camille.page.keyboard.press('Enter');
  await expect(camille.compose(NADIA.name)).toBeFocused();
  await camille.page.keyboard.type('Au clavier seulement');
  await tabTo(camille, camille.arrow);
  await expectFocusVisible(camille);
  await camille.page.keyboard.press('Space');
  await expect(camille.message(NADIA.name, 'Au clavier seulement')).toBeVisible();

  await tabTo(nadia, nadia.plane(CAMILLE.name));
  await nadia.page.keyboard.press('Enter');
  await expect(nadia.compose(CAMILLE.name)).toBeFocused();
  await nadia.page.keyboard.type('Bien reçu');
  await nadia.page.keyboard.press('Control+Enter');
  await expect(camille.message(NADIA.name, 'Bien reçu')).toBeVisible();
});

test('A7: the channel is closed by keyboard, and Escape leaves the confirmation', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.openConversation(LUC);
  const more = camille.button(camille.words.more);

  const openMenu = async () => {
    await tabTo(camille, more);
    await camille.page.keyboard.press('Enter');
  };
  const choose = async (name: string) => {
    const entry = camille.page.getByRole('menuitem', { name });
    await entry.waitFor();
    for (let stop = 0; stop < 10 && !(await entry.evaluate((element) => element === document.activeElement)); stop++) {
      await camille.page.keyboard.press('ArrowDown');
    }
    await expect(entry).toBeFocused();
    await camille.page.keyboard.press('Enter');
  };

  await openMenu();
  await choose(camille.words.close);
  await expect(camille.dialog).toBeVisible();
  await camille.page.keyboard.press('Escape');
  await expect(camille.dialog).toHaveCount(0);
  await expect(camille.compose(LUC.name)).toBeVisible();

  await openMenu();
  await choose(camille.words.close);
  await tabTo(camille, camille.dialog.getByRole('button', { name: camille.words.close }));
  await camille.page.keyboard.press('Enter');
  await expect(camille.closedNotice).toBeVisible();
});

test('the first stop skips the navigation', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.open('/accueil');

  await camille.page.keyboard.press('Tab');

  await expect(camille.page.getByRole('link', { name: 'Aller au contenu' })).toBeFocused();
});
