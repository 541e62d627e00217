// Writing and reading: nothing is lost, nothing lies.
import { expect, test } from './lib/pli';
import { ANNE, CAMILLE, FATOU, INES, LUC } from './lib/people';
import { UNREACHABLE } from './lib/guard';
import { holding } from './lib/words';

test('A11: new lines and emoji arrive as they were typed', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await camille.openConversation(LUC);
  await luc.openConversation(CAMILLE);

  await camille.compose(LUC.name).focus();
  await camille.page.keyboard.type('Première ligne');
  await camille.page.keyboard.press('Shift+Enter');
  await camille.page.keyboard.insertText('Œuvre d’été : 👩‍⚕️ naïve, « ça va? »');
  await camille.arrow.click();

  const bubble = luc.message(CAMILLE.name, 'Première ligne');
  await expect(bubble).toContainText('Œuvre d’été : 👩‍⚕️ naïve, « ça va? »');
  const lines = await bubble.evaluate((element) => (element as HTMLElement).innerText.split('\n').length);
  expect(lines).toBeGreaterThan(1);
});

test('A11: 10,000 characters can be sent; one more is told before it is lost', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await camille.openConversation(LUC);
  await luc.openConversation(CAMILLE);

  await camille.compose(LUC.name).fill(`${'é'.repeat(10_001)}`);
  if (await camille.arrow.isEnabled()) await camille.arrow.click();
  await expect(camille.compose(LUC.name)).toHaveValue(/é{10000}/);
  await expect(camille.page.getByText(/Raccourcissez/).first()).toBeVisible();

  await camille.write(LUC.name, `${'é'.repeat(9_996)} fin`);
  await expect(luc.message(CAMILLE.name, 'fin')).toBeVisible();
});

test('A12: Enter sends with a keyboard, Shift+Enter never does', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.openConversation(LUC);

  await camille.compose(LUC.name).focus();
  await camille.page.keyboard.type('une');
  await camille.page.keyboard.press('Shift+Enter');
  await camille.page.keyboard.type('deux');
  await expect(camille.compose(LUC.name)).toHaveValue('une\ndeux');
  await camille.page.keyboard.press('Enter');

  await expect(camille.message(LUC.name, 'une deux')).toBeVisible();
  await expect(camille.compose(LUC.name)).toHaveValue('');
});

test('a message shows at once, before any answer, and says honestly where it stands', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.openConversation(LUC);
  let release = () => {};
  const held = new Promise<void>((done) => (release = done));
  await camille.page.route('**/api/v1/conversations.send_message', async (route) => {
    await held;
    await route.continue();
  });

  await camille.write(LUC.name, 'Déjà là');

  const bubble = camille.message(LUC.name, 'Déjà là');
  await expect(bubble).toHaveAccessibleName(holding(camille.words.pending));
  await expect(camille.compose(LUC.name)).toHaveValue('');
  release();
  await expect(bubble).toHaveAccessibleName(new RegExp(`${camille.words.sentState}|remis|lu`));
  await expect(bubble).toHaveCount(1);
});

test('messages keep the order in which they were written', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await camille.openConversation(LUC);
  await luc.openConversation(CAMILLE);

  for (const word of ['un', 'deux', 'trois', 'quatre', 'cinq']) await camille.write(LUC.name, `ordre ${word}`);

  for (const [person, friend] of [[camille, LUC], [luc, CAMILLE]] as const) {
    const bubbles = person.message(friend.name, 'ordre');
    await expect(bubbles).toHaveCount(5);
    const names = await bubbles.evaluateAll((items) => items.map((item) => /ordre (\S+?)[\s,.]/.exec(`${item.getAttribute('aria-label') ?? item.textContent} `)?.[1]));
    expect(names).toEqual(['un', 'deux', 'trois', 'quatre', 'cinq']);
  }
});

test('typed text survives a network that is gone, and leaves by itself when it is back, once', async ({ enter, guard }) => {
  guard.announce(...UNREACHABLE);
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await camille.openConversation(LUC);
  await luc.openConversation(CAMILLE);

  await camille.context.setOffline(true);
  await camille.write(LUC.name, 'Écrit dans l’ascenseur');
  const bubble = camille.message(LUC.name, 'Écrit dans l’ascenseur');
  await expect(bubble).toHaveAccessibleName(holding(camille.words.pending));
  await camille.context.setOffline(false);

  await expect(luc.message(CAMILLE.name, 'Écrit dans l’ascenseur')).toHaveCount(1, { timeout: 30_000 });
  await expect(bubble).toHaveCount(1);
  await expect(bubble).not.toHaveAccessibleName(holding(camille.words.pending));
});

test('a draft survives leaving, reloading, and shows in the list', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const conversation = await camille.openConversation(FATOU);

  await camille.compose(FATOU.name).fill('À finir plus tard');
  await camille.tab(camille.words.home).click();
  await expect(camille.page.getByRole('link', { name: new RegExp(FATOU.name) }).first()).toContainText('À finir plus tard');
  await camille.open(`/messages/${conversation}`);

  await expect(camille.compose(FATOU.name)).toHaveValue('À finir plus tard');
});

test('the demo’s draft waits in its compose box', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.openConversation(INES);

  await expect(camille.compose(INES.name)).not.toHaveValue('');
});

test('the line before the new messages stays where it is while more arrive', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const anne = await enter(ANNE);
  await camille.openConversation(ANNE);
  const line = camille.page.getByText('Nouveaux messages', { exact: true });
  await expect(line).toBeVisible();
  const after = () => line.evaluate((element) => (element.closest('li')?.nextElementSibling as HTMLElement | null)?.innerText);
  await expect(camille.page.locator('html[data-whole]')).toBeAttached();
  const first = await after();
  expect(first).toContain('J’ai vu ton homme');

  await anne.sendByCall(await anne.conversationWith(CAMILLE), 'Et encore ceci');

  await expect(camille.message(ANNE.name, 'Et encore ceci')).toBeVisible();
  expect(await after()).toBe(first);
});

test('unread counts go once the messages were seen', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.open('/accueil');
  const tab = camille.tab(camille.words.home);
  await expect(tab).toHaveAccessibleDescription(/non lu/);

  await camille.page.getByRole('link', { name: new RegExp(ANNE.name) }).first().click();
  await expect(camille.heading(ANNE.name)).toBeVisible();

  await expect(tab).not.toHaveAccessibleDescription(/non lu/);
});

test('a long history is paged in both directions and opens at the newest', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  const conversation = await camille.conversationWith(LUC);
  for (let number = 1; number <= 170; number++) {
    await (number % 2 ? camille : luc).sendByCall(conversation, `numéro ${number}.`);
  }
  await luc.call('conversations.mark_read', { conversation, position: 170 });
  await luc.open(`/messages/${conversation}`);
  await expect(luc.message(CAMILLE.name, 'numéro 170.')).toBeInViewport();
  await expect(luc.message(CAMILLE.name, 'numéro 1.')).toHaveCount(0);

  const first = luc.message(CAMILLE.name, 'numéro 1.');
  await expect(async () => {
    await luc.history(CAMILLE.name).getByRole('listitem').first().scrollIntoViewIfNeeded();
    await luc.page.mouse.move(900, 400);
    await luc.page.mouse.wheel(0, -4000);
    expect(await first.count()).toBe(1);
  }).toPass({ timeout: 30_000 });

  // Far up, a new message moves nothing; it is offered instead.
  await luc.page.mouse.wheel(0, -20_000);
  await expect(first).toBeInViewport();
  await camille.sendByCall(conversation, 'Tout nouveau.');
  const pill = luc.page.getByRole('button', { name: /nouveau/ });
  await expect(pill).toBeVisible();
  await expect(first).toBeInViewport();
  await pill.click();
  await expect(luc.message(CAMILLE.name, 'Tout nouveau.')).toBeInViewport();
});

test('the friend sees that somebody is writing', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await camille.openConversation(LUC);
  await luc.openConversation(CAMILLE);

  await luc.compose(CAMILLE.name).pressSequentially('Je regarde', { delay: 40 });

  await expect(camille.page.getByText(/écrit…/)).toBeVisible();
});

test('A5: nothing near a message knows a patient', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const conversation = await camille.conversationWith(ANNE);
  const { messages } = await camille.read<{ messages: Record<string, unknown>[] }>('conversations.read_timeline', { conversation });

  expect(messages.length).toBeGreaterThan(0);
  for (const message of messages) expect(Object.keys(message).filter((key) => /patient|record|chart/i.test(key))).toEqual([]);
});
