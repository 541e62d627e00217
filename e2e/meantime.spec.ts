// What is written in one place while something waits in another: between two tabs, between two devices, between two people
// at one browser. Nothing is lost, and nothing overtakes.
import { expect, test } from './lib/pli';
import { refusal } from './lib/guard';
import { ANNE, CAMILLE, FATOU, LUC, PASSWORD } from './lib/people';
import { hydrated, Person } from './lib/person';

const SEND = '**/api/v1/conversations.send_message';
const READ = '**/api/v1/conversations.get_conversation*';
const SAVE = '**/api/v1/conversations.save_draft';
const whole = (person: Person) => person.page.locator('html[data-whole]').waitFor({ state: 'attached' });

/** The draft that the server has of a conversation. */
async function draftOf(person: Person, conversation: string): Promise<string> {
  const { conversation: found } = await person.read<{ conversation: { draft?: string } }>('conversations.get_conversation', { conversation });
  return found.draft ?? '';
}

test('what is written in a second tab before its vault is open leaves at once, before what follows', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  const conversation = await camille.openConversation(LUC);
  await whole(camille);
  await luc.open(`/messages/${conversation}`);
  const second = new Person(await camille.context.newPage(), camille.context, camille.origin, true);
  let release: () => void = () => undefined;
  const isReleased = new Promise<void>((done) => (release = done));
  await second.page.route('**/api/v1/accounts.open_vault', async (route) => {
    await isReleased;
    await route.continue();
  });
  await second.open(`/messages/${conversation}`);

  await second.write(LUC.name, 'mot premier.');
  release();
  await expect(luc.message(CAMILLE.name, 'mot premier.')).toHaveCount(1);
  await second.write(LUC.name, 'mot second.');

  const bubbles = luc.message(CAMILLE.name, 'mot ');
  await expect(bubbles).toHaveCount(2);
  const names = await bubbles.evaluateAll((items) => items.map((item) => /mot (\S+?)\./.exec(item.textContent ?? '')?.[1]));
  expect(names).toEqual(['premier', 'second']);
});

test('a message that waited on one device does not take away what was written on another', async ({ enter, guard }) => {
  guard.announce(/ERR_CONNECTION_FAILED/);
  const [telephone, desktop] = [await enter(CAMILLE), await enter(CAMILLE)];
  const conversation = await telephone.openConversation(LUC);
  await desktop.open(`/messages/${conversation}`);
  await Promise.all([whole(telephone), whole(desktop)]);
  await telephone.page.route(SEND, (route) => route.abort('connectionfailed'));
  await telephone.write(LUC.name, 'Je vous rappelle');
  const long = 'Le compte rendu de la visite, en long et en large';
  await desktop.compose(LUC.name).fill(long);
  await expect.poll(() => draftOf(desktop, conversation)).toBe(long);
  await desktop.compose(LUC.name).blur();

  await telephone.page.unroute(SEND);

  await expect(desktop.message(LUC.name, 'Je vous rappelle')).toHaveCount(1, { timeout: 40_000 });
  await expect(desktop.compose(LUC.name)).toHaveValue(long);
  expect(await draftOf(desktop, conversation)).toBe(long);
});

test('a draft that has grown on another device is not written over by the next key, however soon that comes', async ({ enter }) => {
  const [desktop, telephone] = [await enter(CAMILLE), await enter(CAMILLE)];
  await desktop.page.clock.install();
  const conversation = await desktop.openConversation(LUC);
  await whole(desktop);
  await desktop.compose(LUC.name).fill('Bonjour');
  await desktop.page.clock.runFor(400);
  await expect.poll(() => draftOf(desktop, conversation)).toBe('Bonjour');
  // So soon that the box has not looked yet: word of a draft that comes now is likely word of its own save.
  await telephone.call('conversations.save_draft', { conversation, draft: 'Bonjour, et tout ce que le téléphone a ajouté' });

  await desktop.compose(LUC.name).press('End');
  await desktop.compose(LUC.name).pressSequentially('!');
  await desktop.page.clock.runFor(400);

  await expect.poll(() => draftOf(desktop, conversation)).toContain('Bonjour!');
  expect(await draftOf(desktop, conversation)).toContain('tout ce que le téléphone a ajouté');
  await expect(desktop.compose(LUC.name)).toHaveValue(/tout ce que le téléphone a ajouté\s+Bonjour!$/);
});

test('a draft of another device that could not be read at first is in the box a little later', async ({ enter, guard }) => {
  guard.announce(/ERR_CONNECTION_FAILED/);
  const [desktop, telephone] = [await enter(CAMILLE), await enter(CAMILLE)];
  const conversation = await desktop.openConversation(LUC);
  await whole(desktop);
  let n_lost = 0;
  await desktop.page.route(READ, (route) => {
    n_lost += 1;
    return route.abort('connectionfailed');
  });

  await telephone.call('conversations.save_draft', { conversation, draft: 'Écrit au téléphone' });
  // The row of the list and the box both ask.
  await expect.poll(() => n_lost).toBeGreaterThanOrEqual(2);
  await desktop.page.unroute(READ);

  await expect(desktop.compose(LUC.name)).toHaveValue('Écrit au téléphone');
});

test('a draft that another device saves while a conversation is being opened is in the box', async ({ enter }) => {
  const [desktop, telephone] = [await enter(CAMILLE), await enter(CAMILLE)];
  await desktop.openConversation(FATOU);
  const conversation = await desktop.conversationWith(LUC);
  await whole(desktop);
  const row = desktop.page.locator(`a[href="/messages/${conversation}"]`).first();
  let release: () => void = () => undefined;
  const isReleased = new Promise<void>((done) => (release = done));
  let n_asked = 0;
  await desktop.page.route(READ, async (route) => {
    n_asked += 1;
    if (n_asked > 1) return route.continue();
    const before = await route.fetch();
    await isReleased;
    return route.fulfill({ response: before });
  });

  await row.click();
  await expect.poll(() => n_asked).toBe(1);
  await telephone.call('conversations.save_draft', { conversation, draft: 'Écrit au téléphone' });
  await expect(row).toContainText('Écrit au téléphone');
  release();

  await expect(desktop.compose(LUC.name)).toHaveValue('Écrit au téléphone');
});

test('words that go as a message do not come back into the box while the message waits', async ({ enter }) => {
  const [desktop, telephone] = [await enter(CAMILLE), await enter(CAMILLE)];
  await desktop.page.clock.install();
  const conversation = await desktop.openConversation(LUC);
  await whole(desktop);
  await desktop.compose(LUC.name).fill('Bonjour');
  await desktop.page.clock.runFor(400);
  await expect.poll(() => draftOf(telephone, conversation)).toBe('Bonjour');
  let release: () => void = () => undefined;
  const isReleased = new Promise<void>((done) => (release = done));
  await desktop.page.route(SEND, async (route) => {
    await isReleased;
    await route.continue();
  });

  await desktop.compose(LUC.name).press('Enter');
  // Word of its own draft is looked into in this time, which the server still has.
  await desktop.page.clock.runFor(15_000);
  await expect(desktop.message(LUC.name, 'Bonjour')).toHaveCount(1);
  await expect(desktop.compose(LUC.name)).toHaveValue('');
  release();

  await expect(desktop.message(LUC.name, 'Bonjour')).toHaveAccessibleName(new RegExp(desktop.words.sentState));
  await desktop.page.clock.runFor(15_000);
  await expect(desktop.compose(LUC.name)).toHaveValue('');
  expect(await draftOf(telephone, conversation)).toBe('');
});

test('what another device has made of a draft is in the box once nobody is in it', async ({ enter }) => {
  const [desktop, telephone] = [await enter(CAMILLE), await enter(CAMILLE)];
  const conversation = await desktop.openConversation(LUC);
  await whole(desktop);
  const box = desktop.compose(LUC.name);
  await box.fill('Bonjour');
  await expect.poll(() => draftOf(telephone, conversation)).toBe('Bonjour');
  const isLooked = desktop.page.waitForResponse((response) => response.url().includes('get_conversation'));
  await telephone.call('conversations.save_draft', { conversation, draft: 'Bonsoir' });
  await isLooked;
  await expect(box).toHaveValue('Bonjour');
  await expect(box).toBeFocused();

  await box.blur();

  await expect(box).toHaveValue('Bonsoir');
});

test('what one tab said of a draft long ago does not stand in another one that has written since', async ({ enter }) => {
  const first = await enter(CAMILLE);
  const conversation = await first.openConversation(LUC);
  const second = new Person(await first.context.newPage(), first.context, first.origin, true);
  const other = await second.openConversation(FATOU);
  await Promise.all([whole(first), whole(second)]);
  await first.compose(LUC.name).fill('Bonjour');
  const row = (id: string) => second.page.locator(`a[href="/messages/${id}"]`).first();
  await expect(row(conversation)).toContainText('Bonjour');

  await row(conversation).click();
  await second.compose(LUC.name).fill('Bonjour Luc');
  await expect.poll(() => draftOf(second, conversation)).toBe('Bonjour Luc');
  await row(other).click();
  await second.compose(FATOU.name).waitFor();
  await row(conversation).click();

  await expect(second.compose(LUC.name)).toHaveValue('Bonjour Luc');
  await second.compose(LUC.name).press('End');
  await second.compose(LUC.name).pressSequentially('!');
  await expect.poll(() => draftOf(second, conversation)).toBe('Bonjour Luc!');
});

test('words left in a page whose session has ended do not become the draft of who signs in next', async ({ enter, guard }) => {
  guard.announce(...refusal(401), /ERR_CONNECTION_FAILED/);
  const camille = await enter(CAMILLE);
  const conversation = await camille.openConversation(FATOU);
  await whole(camille);
  await camille.page.route(SAVE, (route) => route.abort('connectionfailed'));
  await camille.compose(FATOU.name).fill('À Fatou, de Camille seule');
  const other = new Person(await camille.context.newPage(), camille.context, camille.origin, true);
  await other.call('accounts.sign_in', { email: FATOU.email, password: PASSWORD });
  await camille.page.unroute(SAVE);

  await camille.page.goto('about:blank');
  await other.open(`/messages/${conversation}`);

  await expect(other.compose(CAMILLE.name)).toHaveValue('');
  expect(await draftOf(other, conversation)).toBe('');
});

test('what was read while it could not be told is told without a touch', async ({ enter, guard }) => {
  guard.announce(/ERR_CONNECTION_FAILED/);
  const anne = await enter(ANNE);
  const luc = await enter(LUC);
  const conversation = await luc.openConversation(ANNE);
  await hydrated(luc.page);
  const read = '**/api/v1/conversations.mark_read';
  await luc.page.route(read, (route) => route.abort('connectionfailed'));
  await anne.sendByCall(conversation, 'Vous me lisez?');
  await expect(luc.message(ANNE.name, 'Vous me lisez?')).toHaveCount(1);
  const unread = async () => {
    const { conversations } = await luc.read<{ conversations: { id: string; unread_count: number }[] }>('conversations.list_conversations');
    return conversations.find(({ id }) => id === conversation)?.unread_count;
  };
  expect(await unread()).toBe(1);

  await luc.page.unroute(read);

  await expect.poll(unread, { timeout: 20_000 }).toBe(0);
});
