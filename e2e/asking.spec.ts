// Who may ask me, what those see who may not, and many requests at once.
import { expect, test } from './lib/pli';
import { CAMILLE, ETIENNE, ETIENNE_ERGO, MARC, NADIA, SOPHIE } from './lib/people';
import { refusal } from './lib/guard';
import type { Person } from './lib/person';
import { holding } from './lib/words';

const WITHOUT_SCRIPT = { javaScriptEnabled: false };
const IN_VAIN = /Vous ne pouvez pas lui envoyer de demande/;

/** Chooses in the preferences whose requests are taken. */
async function choose(person: Person, choice: RegExp): Promise<void> {
  await person.open('/parametres/preferences');
  const button = person.page.getByRole('region', { name: 'Qui peut vous envoyer une demande' }).getByRole('button', { name: choice });
  await button.click();
  await expect(button).toHaveAttribute('aria-pressed', 'true');
}

for (const options of [{}, WITHOUT_SCRIPT]) {
  const how = options === WITHOUT_SCRIPT ? 'without a script' : 'in a live page';

  test(`who takes no requests is asked by nobody, and no reason is told (${how})`, async ({ enter, guard }) => {
    guard.announce(...refusal(403));
    const camille = await enter(CAMILLE, options);
    const nadia = await enter(NADIA, options);
    const account = await nadia.idOf(CAMILLE);

    await choose(camille, /^Personne/);

    await nadia.open(`/reseau/${account}`);
    await expect(nadia.heading(CAMILLE.name)).toBeVisible();
    await expect(nadia.page.getByText(IN_VAIN)).toBeVisible();
    await expect(nadia.button(nadia.words.request(CAMILLE.name))).toHaveCount(0);
    await nadia.open('/reseau');
    await nadia.find('tremblay');
    const card = nadia.page.locator(`[data-person="${account}"]`);
    await expect(card.getByText('Pas de demande')).toBeVisible();
    await expect(card.getByRole('button')).toHaveCount(0);
    expect((await nadia.ask('friendships.send_friend_request', { account })).status()).toBe(403);
    await camille.open(`/reseau/${await camille.idOf(NADIA)}`);
    await expect(camille.button(camille.words.request(NADIA.name)).first()).toBeVisible();
  });
}

for (const options of [{}, WITHOUT_SCRIPT]) {
  const how = options === WITHOUT_SCRIPT ? 'without a script' : 'in a live page';

  test(`a page that is older than the rule keeps the note that it could not send (${how})`, async ({ enter, guard }) => {
    guard.announce(...refusal(403));
    const camille = await enter(CAMILLE);
    const nadia = await enter(NADIA, options);
    await nadia.open(`/reseau/${await nadia.idOf(CAMILLE)}`);
    const note = nadia.page.getByLabel(/Ajouter un mot/);
    await note.fill('Nous suivons les mêmes personnes');
    await camille.call('friendships.save_asking_rule', { who_may_ask: 'nobody' });

    await nadia.button(nadia.words.request(CAMILLE.name)).first().click();

    await expect(nadia.page.getByText(/Vous ne pouvez pas envoyer de demande à cette personne/)).toBeVisible();
    await expect(note).toHaveValue('Nous suivons les mêmes personnes');
  });
}

test('a closed channel is not reopened by whom the other takes no requests from', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const sophie = await enter(SOPHIE);
  await sophie.call('friendships.save_asking_rule', { who_may_ask: 'workplace' });

  await camille.open('/accueil');
  await camille.page.getByRole('link', { name: new RegExp(SOPHIE.name) }).first().click();

  await expect(camille.closedNotice).toBeVisible();
  await expect(camille.page.getByText(IN_VAIN)).toBeVisible();
  await expect(camille.button(camille.words.request(SOPHIE.name))).toHaveCount(0);
});

test('what one chooses is shown on the other devices', async ({ enter }) => {
  const tablet = await enter(CAMILLE);
  await tablet.open('/parametres/preferences');
  await expect(tablet.page.getByRole('button', { name: /^Tout l’annuaire/ })).toHaveAttribute('aria-pressed', 'true');

  await (await enter(CAMILLE)).call('friendships.save_asking_rule', { who_may_ask: 'workplace' });

  await expect(tablet.page.getByRole('button', { name: /^Mon établissement/ })).toHaveAttribute('aria-pressed', 'true');
});

/** Somebody whom three people have asked, with the page of their network open. */
async function askedByThree(enter: (persona: typeof CAMILLE, options?: object) => Promise<Person>, options: object = {}): Promise<Person> {
  const camille = await enter(CAMILLE, options);
  for (const persona of [NADIA, ETIENNE]) {
    const asker = await enter(persona);
    await asker.call('friendships.send_friend_request', { account: await asker.idOf(CAMILLE) });
  }
  await camille.open('/reseau');
  for (const persona of [MARC, NADIA, ETIENNE]) await expect(camille.button(camille.words.accept(persona.name))).toBeVisible();
  return camille;
}

test('A14: all requests are put aside at once, after a question, and taken back', async ({ enter }) => {
  const camille = await askedByThree(enter);
  const marc = await enter(MARC);

  await camille.button('Tout ignorer').click();
  await expect(camille.dialog).toContainText('Ignorer les 3 demandes?');
  await camille.dialog.getByRole('button', { name: 'Annuler' }).click();
  await expect(camille.button(camille.words.accept(MARC.name))).toBeVisible();
  await camille.button('Tout ignorer').click();
  await camille.dialog.getByRole('button', { name: 'Tout ignorer' }).click();

  await expect(camille.dialog).toHaveCount(0);
  await expect(camille.page.getByText('Aucune demande n’attend votre réponse.')).toBeVisible();
  await expect(camille.page.getByRole('heading', { name: 'Demandes reçues' })).toBeFocused();
  await marc.open('/reseau');
  await expect(marc.button(marc.words.cancelRequest(CAMILLE.name)).first()).toBeVisible();
  await camille.button('Reprendre').click();

  for (const persona of [MARC, NADIA, ETIENNE]) await expect(camille.button(camille.words.accept(persona.name))).toBeVisible();
});

test('A14: a request that comes while the question is open stays', async ({ enter }) => {
  const camille = await askedByThree(enter);
  await camille.button('Tout ignorer').click();
  await expect(camille.dialog).toContainText('Ignorer les 3 demandes?');
  const late = await enter(ETIENNE_ERGO);
  await late.call('friendships.send_friend_request', { account: await late.idOf(CAMILLE) });
  await expect(camille.page.getByRole('button', { name: holding('Accepter la demande de'), includeHidden: true })).toHaveCount(4);

  await camille.dialog.getByRole('button', { name: 'Tout ignorer' }).click();

  await expect(camille.page.getByRole('button', { name: holding('Accepter la demande de') })).toHaveCount(1);
});

test('A14: all requests are put aside without a script, after a page that asks', async ({ enter }) => {
  const camille = await askedByThree(enter, WITHOUT_SCRIPT);

  await camille.button('Tout ignorer').click();
  await expect(camille.page.getByText('Ignorer les 3 demandes?')).toBeVisible();
  await camille.dialog.getByRole('button', { name: 'Tout ignorer' }).click();

  await expect(camille.page.getByText('Aucune demande n’attend votre réponse.')).toBeVisible();
});

test('A14: one request that was put aside by mistake is taken back, without hurry', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.page.clock.install();
  await camille.open('/reseau');
  await camille.button(camille.words.ignore(MARC.name)).click();
  await expect(camille.button(camille.words.accept(MARC.name))).toHaveCount(0);

  // WCAG 2.2.1: nobody has to hurry.
  await camille.page.clock.fastForward('05:00');
  await camille.button('Reprendre').click();

  await expect(camille.button(camille.words.accept(MARC.name))).toBeVisible();
});

test('what a page offers goes when it is dismissed, or with the page', async ({ enter }) => {
  const camille = await askedByThree(enter);
  await camille.button(camille.words.ignore(MARC.name)).click();
  await expect(camille.button('Reprendre')).toHaveCount(1);
  await camille.button('Fermer l’avis').click();
  await expect(camille.button('Reprendre')).toHaveCount(0);

  await camille.button(camille.words.ignore(NADIA.name)).click();
  await expect(camille.button('Reprendre')).toHaveCount(1);
  await camille.tab('Accueil').click();

  await expect(camille.page).toHaveURL(/\/accueil$/);
  await expect(camille.button('Reprendre')).toHaveCount(0);
});

test('a note that could not be sent at this moment stays, and the wait is told', async ({ enter, guard }) => {
  guard.announce(...refusal(429), ...refusal(409));
  const camille = await enter(CAMILLE);
  await camille.open(`/reseau/${await camille.idOf(NADIA)}`);
  const note = camille.page.getByLabel(/Ajouter un mot/);
  const problem = (code: string, status: number) => ({ status, json: { code, status, retry_after_s: 180 } });
  await note.fill('Nous suivons les mêmes personnes');

  for (const [refused, reason] of [
    [problem('too_many', 429), /Attendez 3 minutes/],
    [problem('many_waiting', 409), /Cent de vos demandes/],
  ] as const) {
    await camille.page.route('**/friendships.send_friend_request', (route) => route.fulfill(refused), { times: 1 });
    await camille.button(camille.words.request(NADIA.name)).first().click();
    await expect(camille.page.getByText(reason)).toBeVisible();
    await expect(note).toHaveValue('Nous suivons les mêmes personnes');
    // It stays until it was read.
    await camille.button('Fermer l’avis').click();
  }

  await camille.button(camille.words.request(NADIA.name)).first().click();
  await expect(camille.button(camille.words.cancelRequest(NADIA.name)).first()).toBeVisible();
});
