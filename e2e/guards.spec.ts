// What must not leave does not leave before the person has chosen; who is easily taken for another is named.
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './lib/pli';
import { CAMILLE, ETIENNE, ETIENNE_ERGO, LUC } from './lib/people';
import type { Person } from './lib/person';
import { holding } from './lib/words';

/** A number with its check digit, of nobody. */
const NUMBER = 'COTS 8005 1012';

const bar = (person: Person) => person.page.getByRole('alert').filter({ hasText: 'semble contenir' });

/** The bodies of all requests that the page makes from now on. */
function listen(person: Person): string[] {
  const bodies: string[] = [];
  person.page.on('request', (request) => bodies.push(request.postData() ?? ''));
  return bodies;
}

test('C5: a health-insurance number does not leave before the choice, and leaves masked', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await camille.openConversation(LUC);
  await luc.openConversation(CAMILLE);
  const bodies = listen(camille);

  await camille.compose(LUC.name).fill(`Mme Côté, NAM ${NUMBER}, revient demain.`);
  await camille.arrow.click();

  await expect(bar(camille)).toContainText('un numéro d’assurance maladie');
  await expect(camille.compose(LUC.name)).toHaveValue(holding(NUMBER));
  await expect(camille.message(LUC.name, 'Mme Côté')).toHaveCount(0);
  // Longer than a draft waits before it is saved.
  await camille.page.waitForTimeout(1_000);
  expect(bodies.filter((body) => body.includes('8005'))).toEqual([]);

  await camille.button('Masquer').click();
  await expect(bar(camille)).toHaveCount(0);
  await camille.arrow.click();
  await expect(luc.message(CAMILLE.name, 'Mme Côté, NAM •••• •••• ••••, revient demain.')).toBeVisible();
  expect(bodies.filter((body) => body.includes('8005'))).toEqual([]);
});

test('C5: the bar comes while writing, goes with the number, and lets through who says so', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await camille.openConversation(LUC);
  await luc.openConversation(CAMILLE);

  await camille.compose(LUC.name).fill('Rappeler la patiente au 514 555-0199');
  await expect(bar(camille)).toContainText('un numéro de téléphone');
  await camille.compose(LUC.name).fill('Rappeler la clinique au 514 555-0199');
  await expect(bar(camille)).toHaveCount(0);

  await camille.compose(LUC.name).fill('Rappeler la patiente au 514 555-0199');
  const { violations } = await new AxeBuilder({ page: camille.page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await camille.button('Envoyer quand même').click();

  await expect(luc.message(CAMILLE.name, 'Rappeler la patiente au 514 555-0199')).toBeVisible();
  await expect(camille.compose(LUC.name)).toHaveValue('');
  await expect(bar(camille)).toHaveCount(0);
});

test('C5: a number that is typed by hand leaves neither whole nor but for its last digit', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.openConversation(LUC);
  const bodies = listen(camille);
  const box = camille.compose(LUC.name);

  for (const part of ['Mme Côté, ', 'COTS 8005', ' 101', '2']) {
    await box.pressSequentially(part);
    // Longer than a draft waits before it is saved.
    await camille.page.waitForTimeout(800);
  }

  await expect(bar(camille)).toBeVisible();
  expect(bodies.filter((body) => body.includes('Mme Côté')).length).toBeGreaterThan(0);
  expect(bodies.filter((body) => body.includes('8005'))).toEqual([]);
});

test('C5: words that wait for the choice stay when the screen goes while earlier ones are saved', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.conversationWith(LUC);
  await camille.open('/accueil');
  // From here on all in one page: the screen goes, the page stays.
  await camille.directMessages.getByRole('link', { name: holding(LUC.name) }).first().click();
  await expect(camille.compose(LUC.name)).toBeVisible();
  const bodies = listen(camille);
  const box = camille.compose(LUC.name);
  let answer: (() => void) | undefined;
  const isLeft = new Promise<void>((resolve) => (answer = resolve));
  await camille.page.route('**/api/v1/conversations.save_draft', async (route) => {
    await isLeft;
    await route.continue();
  });

  const saving = camille.page.waitForRequest('**/api/v1/conversations.save_draft');
  await box.pressSequentially('Mme Côté, ');
  await saving;
  await box.pressSequentially(`NAM ${NUMBER}`);
  await camille.page.goBack();
  await expect(box).toHaveCount(0);
  answer?.();
  // Longer than the answer takes, and what is saved after it.
  await camille.page.waitForTimeout(1_500);

  expect(bodies.filter((body) => body.includes('8005'))).toEqual([]);
  await camille.openConversation(LUC);
  await expect(camille.compose(LUC.name)).toHaveValue(holding(NUMBER));
});

test('C6: of two friends with the same name each conversation names the other', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  for (const other of [ETIENNE, ETIENNE_ERGO]) {
    const person = await enter(other);
    await camille.call('friendships.send_friend_request', { account: await idOf(camille, other.name) });
    await person.call('friendships.accept_friend_request', { account: await person.idOf(CAMILLE) });
  }

  const { conversation } = await camille.call<{ conversation: { id: string } }>('conversations.open_conversation', {
    account: await idOf(camille, ETIENNE_ERGO.name),
  });
  await camille.open(`/messages/${conversation.id}`);

  const note = camille.page.getByRole('note').filter({ hasText: 'À ne pas confondre' });
  await expect(note).toContainText(ETIENNE.name);
  await expect(note).toContainText('Pneumologue');
  await camille.openConversation(LUC);
  await expect(camille.compose(LUC.name)).toBeVisible();
  await expect(camille.page.getByRole('note')).toHaveCount(0);
});

/** The two share all words of their names: only the title tells them apart. */
async function idOf(person: Person, name: string): Promise<string> {
  const { people } = await person.call<{ people: { id: string; name: string }[] }>('contacts.search_people', { text: 'lavoie' });
  const found = people.find((it) => it.name === name);
  if (!found) throw new Error(`${name} is not in the directory`);
  return found.id;
}
