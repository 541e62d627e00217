// Every page comes to life without a word on the console. On the debug build, which names what differs, as well.
import { expect, test } from './lib/pli';
import { SIZES } from './lib/browser';
import { refusal } from './lib/guard';
import { CAMILLE, VIEWS } from './lib/pages';

for (const view of VIEWS) {
  test(`${view.name} hydrates quietly, in two time zones`, async ({ visit, guard }) => {
    if (view.name === 'introuvable') guard.announce(...refusal(404));
    for (const timezoneId of ['America/Vancouver', 'Europe/Paris']) {
      const person = await visit({ timezoneId, viewport: SIZES.tablet });
      if (view.isSignedIn) await person.signIn(CAMILLE);

      await view.open(person);
      // The second time, the browser has told its time zone.
      await person.page.reload();
      await person.page.locator('html[data-hydrated]').waitFor({ state: 'attached' });

      await expect(person.page.getByRole('heading', { level: 1 }).first()).toBeAttached();
    }
  });

  // Where this fails, `cargo xtask profile` is due: code that the page runs first has come to stand in its rest.
  test(`${view.name} comes to life without waiting for its rest`, async ({ visit, guard }) => {
    if (view.name === 'introuvable') guard.announce(...refusal(404));
    const before = await visit({ viewport: SIZES.tablet });
    if (view.isSignedIn) await before.signIn(CAMILLE);
    await view.open(before);
    const { pathname, search } = new URL(before.page.url());
    // A browser that has kept nothing, and whose clock is not the server's.
    const person = await visit({ viewport: SIZES.tablet, timezoneId: 'UTC' });
    if (view.isSignedIn) await person.signIn(CAMILLE);
    // The page learns how it was when it is alive: later, a rest that is waited for is somebody's impatience.
    await person.page.addInitScript(() => {
      new MutationObserver((_, observer) => {
        if (!document.documentElement?.hasAttribute('data-hydrated')) return;
        observer.disconnect();
        document.documentElement.dataset.waits = String(performance.getEntriesByName('rest-waited-for').length);
      }).observe(document, { attributes: true, subtree: true });
    });

    await person.open(pathname + search);

    await expect(person.page.locator('html')).toHaveAttribute('data-waits', '0');
  });
}
