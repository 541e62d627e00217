// How far a message has come, who is told, and what is put off for later.
import { expect, test } from './lib/pli';
import { CAMILLE, LUC } from './lib/people';
import type { Person } from './lib/person';
import { holding, named } from './lib/words';

const UNREAD = 'Marquer comme non lu';

/** The row of a friend in the list of conversations. */
const row = (person: Person, friend: string) => person.page.getByRole('link', { name: holding(friend) }).and(person.page.locator('.conversation-row'));

/** The name of a message ends with its state. */
const ending = (state: string) => new RegExp(`, ${state}$`);

test('S2: a message is sent, then delivered, then read, and tells when', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await camille.openConversation(LUC);

  await camille.write(LUC.name, 'Trois états');
  const bubble = camille.message(LUC.name, 'Trois états');
  await expect(bubble).toHaveAccessibleName(ending('envoyé'));

  await luc.open('/reseau');
  await expect(bubble).toHaveAccessibleName(ending('remis'));

  await luc.openConversation(CAMILLE);
  await expect(bubble).toHaveAccessibleName(ending('lu'));

  await bubble.getByText('Trois états').click();
  await expect(bubble.getByRole('status')).toHaveText(/^Envoyé .+ · Remis .+ · Lu .+$/);
  await bubble.getByRole('button', { name: holding('voir les heures') }).press('Enter');
  await expect(bubble.getByRole('status')).toHaveCount(0);
});

test('S2: the arrows lead from the times of one message to those of the others', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.openConversation(LUC);
  await camille.write(LUC.name, 'Le premier');
  await camille.write(LUC.name, 'Le second');
  const first = camille.message(LUC.name, 'Le premier');
  const second = camille.message(LUC.name, 'Le second');
  await expect(second).toHaveAccessibleName(ending('envoyé'));

  const state = second.getByRole('button', { name: holding('voir les heures') });
  await state.focus();
  await state.press('Enter');
  await expect(second.getByRole('status')).toHaveText(/^Envoyé /);
  await state.press('ArrowUp');

  await expect(first.getByRole('button', { name: holding('voir les heures') })).toBeFocused();
  await expect(first.getByRole('status')).toHaveText(/^Envoyé /);
  await expect(second.getByRole('status')).toHaveCount(0);
});

test('read receipts switched off tell nothing, and nothing of what was read meanwhile', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await luc.open('/parametres/preferences');
  await luc.button(`Désactivés Vos amis ne voient pas que vous avez lu. En retour, vous ne voyez pas s'ils ont lu.`).click();
  await expect(luc.page.getByRole('button', { name: /^Désactivés/ })).toHaveAttribute('aria-pressed', 'true');
  const id = await camille.openConversation(LUC);
  await camille.write(LUC.name, 'Sans le dire');
  const bubble = camille.message(LUC.name, 'Sans le dire');

  await luc.openConversation(CAMILLE);
  await expect.poll(async () => (await luc.read<{ unread_count: number }>('notifications.get_badges')).unread_count).toBe(0);
  await luc.write(CAMILLE.name, 'Vu, sans accusé');

  await expect(camille.message(LUC.name, 'Vu, sans accusé')).toBeVisible();
  await expect(bubble).toHaveAccessibleName(ending('remis'));
  const { events } = await camille.read<{ events: { kind: string; conversation?: string; reader?: string }[] }>('events.list_events', { after: 0, limit: 1_000 });
  const lucs = await camille.idOf(LUC);
  expect(events.filter((event) => event.kind === 'conversation_read' && event.conversation === id && event.reader === lucs)).toEqual([]);
});

test('R10: a conversation marked as unread is unread on both devices, and stays so where it is open', async ({ enter }) => {
  const desk = await enter(CAMILLE);
  const tablet = await enter(CAMILLE);
  const luc = await enter(LUC);
  const id = await tablet.openConversation(LUC);
  await desk.open('/accueil');
  await luc.sendByCall(id, 'À revoir ce soir');
  await expect(tablet.message(LUC.name, 'À revoir ce soir')).toBeVisible();
  await expect(row(desk, LUC.name)).toContainText('À revoir');
  await expect(row(desk, LUC.name)).not.toContainText('non lu');

  // By keyboard alone.
  await desk.button(`Actions pour ${LUC.name}`).focus();
  await desk.page.keyboard.press('Enter');
  await expect(desk.page.getByRole('menuitem', { name: named(UNREAD) })).toBeFocused();
  await desk.page.keyboard.press('Enter');

  for (const device of [desk, tablet]) {
    await expect(row(device, LUC.name)).toContainText('1 message non lu', { timeout: 1_000 });
  }
  // Looking at it again does not read it again: a mark would go out within half a second.
  const marks: string[] = [];
  tablet.page.on('request', (request) => {
    if (request.url().endsWith('conversations.mark_read')) marks.push(request.url());
  });
  await tablet.page.evaluate(async () => {
    window.dispatchEvent(new Event('focus'));
    await new Promise((done) => setTimeout(done, 1_000));
  });
  expect(marks).toEqual([]);
  await expect(tablet.page.locator('.new-line')).toBeVisible();

  // Opened again it begins there, and is read.
  await row(desk, LUC.name).click();
  await expect(desk.heading(LUC.name)).toBeVisible();
  await expect(desk.page.locator('.new-line')).toBeVisible();
  await expect(row(tablet, LUC.name)).not.toContainText('non lu');
});

test('R10: the menu of the conversation puts it off and makes way for the list', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  const id = await camille.conversationWith(LUC);
  await luc.sendByCall(id, 'Quand vous aurez le temps');
  await camille.open(`/messages/${id}`);
  await expect.poll(async () => (await camille.read<{ conversation: { unread_count: number } }>('conversations.get_conversation', { conversation: id })).conversation.unread_count).toBe(0);

  await camille.choose(UNREAD);

  await camille.expectHome();
  await expect(row(camille, LUC.name)).toContainText('1 message non lu');
});
