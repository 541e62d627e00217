// A device that nobody touches: it covers itself, and what was typed is still there for whoever comes back.
import { expect, test } from './lib/pli';
import { refusal } from './lib/guard';
import { CAMILLE, LUC, PASSWORD } from './lib/people';
import type { Person } from './lib/person';
import { named } from './lib/words';

/** Opens the conversation on a clock that the test moves, and waits until the page does all that a page does. */
async function openOnOwnClock(person: Person): Promise<void> {
  await person.page.clock.install();
  await person.openConversation(LUC);
  await person.page.locator('html[data-whole]').waitFor({ state: 'attached' });
}

async function isSignedIn(person: Person): Promise<boolean> {
  const answer = await person.context.request.get(`${person.origin}/api/v1/accounts.get_me`);
  return answer.status() === 200;
}

const locked = (person: Person) => person.page.locator('html[data-locked]');

test('AUTH-11: after an hour the page covers itself; the password opens it, and what was typed is there', async ({ enter, guard }) => {
  guard.announce(...refusal(401));
  const camille = await enter(CAMILLE);
  await openOnOwnClock(camille);
  await camille.compose(LUC.name).fill('Presque fini d’écr');
  await camille.page.clock.fastForward('59:00');
  await expect(locked(camille)).toHaveCount(0);

  await camille.page.clock.fastForward('01:10');

  await expect(locked(camille)).toHaveCount(1);
  await expect(camille.compose(LUC.name)).toBeHidden();
  await expect.poll(() => isSignedIn(camille)).toBe(false);
  const dialog = camille.dialog.filter({ has: camille.page.getByLabel(camille.words.password, { exact: true }) });
  await dialog.getByLabel(camille.words.password, { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: named(camille.words.signIn) }).click();
  await expect(locked(camille)).toHaveCount(0);
  await expect(camille.compose(LUC.name)).toHaveValue('Presque fini d’écr');
  await camille.arrow.click();
  await expect(camille.message(LUC.name, 'Presque fini d’écr')).toHaveCount(1);
});

test('AUTH-11: a shared tablet locks after two minutes, and after fifteen shows the sign-in page', async ({ enter, guard }) => {
  // The clock that leaps also times what the sign-in page fetches: it is fetched once more.
  guard.announce(...refusal(401), /TimeoutError: signal timed out .*chunks\.js/);
  const camille = await enter(CAMILLE);
  await camille.open('/parametres/appareils');
  await camille.page.getByRole('button', { name: /^Partagé/ }).click();
  await expect(camille.page.getByRole('button', { name: /^Partagé/ })).toHaveAttribute('aria-pressed', 'true');
  await openOnOwnClock(camille);
  await camille.compose(LUC.name).press('a');

  await camille.page.clock.fastForward('02:10');
  await expect(locked(camille)).toHaveCount(1);
  // The server hears of it; its own clock does not leap.
  await expect.poll(() => isSignedIn(camille)).toBe(false);
  await camille.page.clock.fastForward('13:00');

  await expect(camille.page).toHaveURL(/\/connexion/);
  await expect(camille.button(camille.words.signIn)).toBeVisible();
});
