// Every page comes to life without a word on the console. What differs stops the page, and the debug build names it
// (`cargo xtask e2e --debug hydration`); only the release build has a rest that a page could wait for.
import { expect, test } from './lib/pli';
import { SIZES } from './lib/browser';
import { refusal } from './lib/guard';
import { CAMILLE, VIEWS } from './lib/pages';
import type { Person } from './lib/person';

// The first page is drawn for Toronto. At any hour, one of these has another day: the most that can differ.
const FAR_ZONES = ['Pacific/Kiritimati', 'Pacific/Pago_Pago'];

const dayIn = (timeZone: string): string => new Date().toLocaleDateString('en-CA', { timeZone });

const zoneOfAnotherDay = (): string => {
  const zone = FAR_ZONES.find((zone) => dayIn(zone) !== dayIn('America/Toronto'));
  if (!zone) throw new Error('the whole world has one day');
  return zone;
};

/** Waits until the page's code is here to its end, and what waited for it has begun. */
const whole = (person: Person): Promise<void> => person.page.locator('html[data-whole]').waitFor({ state: 'attached' });

test('a browser in another zone goes on with its own time, without loading again', async ({ enter }) => {
  const [near, far] = [await enter(CAMILLE), await enter(CAMILLE, { timezoneId: 'Pacific/Kiritimati' })];
  const times = async (person: typeof near): Promise<string[]> =>
    person.page.locator('.conversation-row__time').evaluateAll((all) => all.map((time) => time.getAttribute('datetime') ?? ''));
  let loads = 0;
  far.page.on('domcontentloaded', () => void loads++);

  await Promise.all([near.open('/accueil'), far.open('/accueil')]);
  await whole(far);

  const [toronto, kiritimati] = [await times(near), await times(far)];
  expect(toronto.length).toBeGreaterThan(3);
  const hoursApart = toronto.map((time, at) => (Date.parse(`${kiritimati[at]}Z`) - Date.parse(`${time}Z`)) / 3_600_000);
  // In summer 18, in winter 19.
  expect(hoursApart.every((hours) => hours === 18 || hours === 19)).toBe(true);
  expect(loads).toBe(1);
  expect((await far.context.cookies()).find((cookie) => cookie.name === 'zone')?.value).toMatch(/Pacific.*Kiritimati/);
});

test('a page that is not what its code expects stops, and is heard', async ({ visit, guard }) => {
  guard.announce(/^exception: .*unreachable/s, /^console error: /);
  const person = await visit();
  await person.page.route('**/connexion', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replace(/<h1[^>]*>.*?<\/h1>/s, '<!-- another page -->');
    await route.fulfill({ response: answer, body });
  });

  const exception = person.page.waitForEvent('pageerror');
  await person.page.goto(`${person.origin}/connexion`);

  expect((await exception).message).toContain('unreachable');
});

for (const view of VIEWS) {
  // Where it waits for its rest, `cargo xtask profile` is due: code that the page runs first has come to stand there.
  test(`${view.name} comes to life quietly where it is another day, and waits for nothing`, async ({ visit, guard }) => {
    if (view.name === 'introuvable') guard.announce(...refusal(404));
    const before = await visit({ viewport: SIZES.tablet });
    if (view.isSignedIn) await before.signIn(CAMILLE);
    await view.open(before);
    const { pathname, search } = new URL(before.page.url());
    // A browser that has kept nothing, and whose clock is not the server's.
    const person = await visit({ viewport: SIZES.tablet, timezoneId: zoneOfAnotherDay() });
    if (view.isSignedIn) await person.signIn(CAMILLE);
    await person.page.addInitScript(() => {
      new MutationObserver((_, observer) => {
        if (!document.documentElement?.hasAttribute('data-whole')) return;
        observer.disconnect();
        document.documentElement.dataset.waits = String(performance.getEntriesByName('rest-waited-for').length);
      }).observe(document, { attributes: true, subtree: true });
    });

    await person.open(pathname + search);

    await expect(person.page.locator('html')).toHaveAttribute('data-waits', view.isRareFirst ? /./ : '0');
    // What the head began to fetch was taken: nothing came twice.
    const begun = await person.page.evaluate(() => Object.keys((globalThis as unknown as { begun?: object }).begun ?? {}));
    if (!view.isRareFirst) expect(begun).toEqual([]);
    // The second time, the browser has told its time zone.
    await person.page.reload();
    await whole(person);
    await expect(person.page.getByRole('heading', { level: 1 }).first()).toBeAttached();
    // PRV-02: a title is kept in the browser's history.
    await guard.checkTitle(person.page);
  });
}
