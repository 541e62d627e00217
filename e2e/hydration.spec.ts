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
}
