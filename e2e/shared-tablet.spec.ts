// One tablet, two clinicians, one after the other: what one leaves, the other never sees.
import { expect, test } from './lib/pli';
import { records, vaults } from './lib/device';
import { ANNE, CAMILLE, FATOU, PASSWORD, type Persona } from './lib/people';
import type { Person } from './lib/person';

/** How often the two change places. */
const N_SWAPS = 3;

/** Waits until the page does all that a page does. */
const whole = (person: Person) => person.page.locator('html[data-whole]').waitFor({ state: 'attached' });

/** Everything that a script, or somebody at this browser, can find without knowing a password. */
async function findable(person: Person): Promise<string> {
  const { page } = person;
  const kept = await page.evaluate(async () => {
    const found: string[] = [document.documentElement.outerHTML, JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.title];
    for (const field of document.querySelectorAll<HTMLInputElement>('input, textarea')) found.push(field.value);
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const answer = await cache.match(request);
        const isText = /html|json|javascript|css|svg/.test(answer?.headers.get('content-type') ?? '');
        found.push(request.url, isText ? ((await answer?.text()) ?? '') : '');
      }
    }
    for (const { name } of await indexedDB.databases()) found.push(name ?? '');
    return found;
  });
  return [...kept, ...(await records(page)), page.url(), JSON.stringify(await person.context.storageState())].join('\n');
}

/** Signs in by the screen, as one does at a tablet that lies there. */
async function signInByScreen(person: Person, who: Persona): Promise<void> {
  await person.page.goto(`${person.origin}/connexion`);
  await person.page.getByRole('textbox', { name: person.words.email }).fill(who.email);
  await person.page.getByLabel(person.words.password, { exact: true }).fill(PASSWORD);
  await person.button(person.words.signIn).click();
  await person.expectHome();
  await whole(person);
}

test('AUTH-12: of two clinicians who change places at a tablet, neither finds anything of the other', async ({ visit, enter }) => {
  const anne = await enter(ANNE);
  const tablet = await visit();
  for (let turn = 0; turn < N_SWAPS; turn++) {
    const [received, drafted, searched] = [`reçu-cerfeuil-${turn}`, `ébauche-estragon-${turn}`, `cherché-marjolaine-${turn}`];
    const canaries = [received, drafted, searched];
    await signInByScreen(tablet, CAMILLE);
    await anne.sendByCall(await anne.conversationWith(CAMILLE), received);
    await tablet.openConversation(ANNE);
    await tablet.message(ANNE.name, received).first().waitFor();
    await tablet.compose(ANNE.name).fill(drafted);
    await expect.poll(async () => (await vaults(tablet.page)).length).toBe(1);
    await tablet.open('/reseau');
    await tablet.find(searched);
    await whole(tablet);
    await tablet.signOut();
    const left = await findable(tablet);
    for (const canary of canaries) expect(left, canary).not.toContain(canary);

    // The way back through the history shows the sign-in page, and nothing of before.
    for (let steps = 0; steps < 4; steps++) {
      if ((await tablet.page.goBack()) === null && tablet.page.url() === 'about:blank') break;
      const shown = await tablet.page.locator('html').innerText();
      for (const canary of canaries) expect(shown, canary).not.toContain(canary);
    }

    await signInByScreen(tablet, FATOU);
    await tablet.open('/reseau');
    await whole(tablet);
    const seen = await findable(tablet);
    for (const canary of canaries) expect(seen, canary).not.toContain(canary);
    expect(await vaults(tablet.page)).toHaveLength(1);
    await tablet.signOut();
    expect(await vaults(tablet.page)).toEqual([]);
  }

  // The search for canaries finds one that is there.
  await signInByScreen(tablet, CAMILLE);
  await tablet.openConversation(ANNE);
  await tablet.message(ANNE.name, 'reçu-cerfeuil-0').first().waitFor();
  expect(await findable(tablet)).toContain('reçu-cerfeuil-0');
});
