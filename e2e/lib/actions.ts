// What can be done with a message, by mouse or by finger.
import AxeBuilder from '@axe-core/playwright';
import { type BrowserContextOptions, expect, type Locator } from '@playwright/test';
import { SIZES } from './browser';
import { CAMILLE, LUC, type Persona } from './people';
import type { Person } from './person';
import { named } from './words';

/** How long a finger stays to mean a message, and a little more. */
const LONG_PRESS_MS = 700;

/** A page at a desk, and one that is held. */
const PLACES = {
  desktop: { viewport: SIZES.desktop },
  tablet: { viewport: SIZES.tablet, hasTouch: true },
} as const;

export type Place = keyof typeof PLACES;

/** The menu of a message: by its button under the mouse, or by a finger that stays. */
export async function openMenu(person: Person, place: Place, friend: string, text: string): Promise<Locator> {
  const message = person.message(friend, text).last();
  const bubble = message.locator('.bubble');
  await bubble.scrollIntoViewIfNeeded();
  if (place === 'desktop') {
    await bubble.hover();
    await message.getByRole('button', { name: /^Actions pour/ }).click();
  } else {
    // On its own words: what it quotes is a link.
    const box = await bubble.locator('.bubble__text').boundingBox();
    if (!box) throw new Error('the bubble is not on the screen');
    const at = { x: box.x + box.width / 2, y: box.y + Math.min(box.height / 2, 20) };
    const device = await person.context.newCDPSession(person.page);
    await device.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [at] });
    await person.page.waitForTimeout(LONG_PRESS_MS);
    await device.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  }
  const menu = person.page.getByRole('menu', { name: /^Actions pour/ });
  await expect(menu).toBeVisible();
  return menu;
}

/** Chooses an entry of a message's menu. */
export async function act(person: Person, place: Place, friend: string, text: string, entry: string): Promise<void> {
  const menu = await openMenu(person, place, friend, text);
  const name = named(entry);
  await menu.getByRole('menuitem', { name }).or(menu.getByRole('menuitemcheckbox', { name })).click();
}

/** Camille and Luc in their conversation, which is empty. */
export async function both(enter: (persona: Persona, options?: BrowserContextOptions) => Promise<Person>, place: Place): Promise<[Person, Person]> {
  const camille = await enter(CAMILLE, PLACES[place]);
  const luc = await enter(LUC);
  await camille.openConversation(LUC);
  await luc.openConversation(CAMILLE);
  return [camille, luc];
}

/** No rule of accessibility is broken, in light or in dark. */
export async function expectNoViolation(person: Person, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await person.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await new AxeBuilder({ page: person.page }).withTags(tags).analyze();
    const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
    expect(found, `${what}, ${colorScheme}`).toEqual([]);
  }
}
