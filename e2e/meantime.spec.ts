// What is written in one place while something waits in another: between two tabs, between two devices, between two people
// at one browser. Nothing is lost, and nothing overtakes.
import { expect, test } from './lib/pli';
import { refusal } from './lib/guard';
import { ANNE, CAMILLE, FATOU, LUC, PASSWORD, type Persona } from './lib/people';
import { hydrated, Person } from './lib/person';

const SEND = '**/api/v1/conversations.send_message';
const READ = '**/api/v1/conversations.get_conversation*';
const SAVE = '**/api/v1/conversations.save_draft';
const VAULT = '**/api/v1/accounts.open_vault';
const whole = (person: Person) => person.page.locator('html[data-whole]').waitFor({ state: 'attached' });

/** The draft that the server has of a conversation. */
async function draftOf(person: Person, conversation: string): Promise<string> {
  const { conversation: found } = await person.read<{ conversation: { draft?: string } }>('conversations.get_conversation', { conversation });
  return found.draft ?? '';
}

/** One person at two devices; on the first, `Bonjour` stands in the box and has just been saved. */
async function bonjour(enter: (persona: Persona) => Promise<Person>) {
  const [desktop, telephone] = [await enter(CAMILLE), await enter(CAMILLE)];
  await desktop.page.clock.install();
  const conversation = await desktop.openConversation(LUC);
  await whole(desktop);
  const box = desktop.compose(LUC.name);
  await box.fill('Bonjour');
  await desktop.page.clock.runFor(400);
  await expect.poll(() => draftOf(telephone, conversation)).toBe('Bonjour');
  return { desktop, telephone, conversation, box };
}

/** Holds what a page asks until it is told to go on; `nAsked` says how much that is. */
async function hold(person: Person, address: string) {
  let release: () => void = () => undefined;
  let n_asked = 0;
  const isReleased = new Promise<void>((done) => (release = done));
  await person.page.route(address, async (route) => {
    n_asked += 1;
    await isReleased;
    await route.continue();
  });
  return { release, nAsked: () => n_asked };
}

test('what is written in a second tab before its vault is open leaves at once, before what follows', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  const conversation = await camille.openConversation(LUC);
  await whole(camille);
  await luc.open(`/messages/${conversation}`);
  const second = new Person(await camille.context.newPage(), camille.context, camille.origin, true);
  const { release } = await hold(second, VAULT);
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
  const { desktop, telephone, conversation } = await bonjour(enter);
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
  const { desktop, telephone, conversation } = await bonjour(enter);
  const { release } = await hold(desktop, SEND);

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
  const { desktop, telephone, conversation, box } = await bonjour(enter);
  let n_read = 0;
  desktop.page.on('response', async (response) => {
    const isReading = response.url().includes('get_conversation');
    const answer = isReading ? await response.text().catch(() => '') : '';
    if (answer.includes('Bonsoir')) n_read += 1;
  });
  // The box looks once after its own save. Word that comes from then on is of another device, for sure; and no timer brings it
  // into the box any more.
  const isLooked = desktop.page.waitForResponse(READ);
  await desktop.page.clock.pauseAt((await desktop.page.evaluate(() => Date.now())) + 4_000);
  await isLooked;
  await telephone.call('conversations.save_draft', { conversation, draft: 'Bonsoir' });
  // The row of the list and the box both ask.
  await expect.poll(() => n_read).toBeGreaterThanOrEqual(2);
  await expect(box).toHaveValue('Bonjour');
  await expect(box).toBeFocused();

  await box.blur();

  await expect(box).toHaveValue('Bonsoir');
});

test('the last words of a conversation that is left while a save is under way follow it', async ({ enter }) => {
  const [desktop, telephone] = [await enter(CAMILLE), await enter(CAMILLE)];
  await desktop.openConversation(FATOU);
  const conversation = await desktop.openConversation(LUC);
  await whole(desktop);
  const { release, nAsked } = await hold(desktop, SAVE);
  await desktop.compose(LUC.name).fill('Bonjour');
  await expect.poll(nAsked).toBe(1);
  await desktop.compose(LUC.name).press('End');
  await desktop.compose(LUC.name).pressSequentially(' Luc');

  await desktop.page.locator(`a[href="/messages/${await desktop.conversationWith(FATOU)}"]`).first().click();
  await desktop.compose(FATOU.name).waitFor();
  release();

  await expect.poll(() => draftOf(telephone, conversation)).toBe('Bonjour Luc');
});

test('what was saved as a conversation was left does not come back once another device has rewritten it', async ({ enter }) => {
  const [desktop, telephone] = [await enter(CAMILLE), await enter(CAMILLE)];
  await desktop.page.clock.install();
  await desktop.openConversation(FATOU);
  const conversation = await desktop.openConversation(LUC);
  await whole(desktop);
  const row = (id: string) => desktop.page.locator(`a[href="/messages/${id}"]`).first();
  const other = await desktop.conversationWith(FATOU);
  const isSaved = desktop.page.waitForResponse(SAVE);
  // The last key, and the screen goes in the same moment.
  await desktop.page.clock.pauseAt((await desktop.page.evaluate(() => Date.now())) + 1_000);
  await desktop.compose(LUC.name).fill('Bonjour');
  await row(other).click();
  await isSaved;
  await desktop.compose(FATOU.name).waitFor();
  await expect.poll(() => draftOf(telephone, conversation)).toBe('Bonjour');

  await telephone.call('conversations.save_draft', { conversation, draft: 'Bonsoir' });
  await expect(row(conversation)).toContainText('Bonsoir');
  await row(conversation).click();

  await expect(desktop.compose(LUC.name)).toHaveValue('Bonsoir');
  await desktop.compose(LUC.name).press('End');
  await desktop.compose(LUC.name).pressSequentially('!');
  await desktop.page.clock.runFor(400);
  await expect.poll(() => draftOf(telephone, conversation)).toBe('Bonsoir!');
});

test('words rewritten before the vault opens late stay rewritten', async ({ enter, guard }) => {
  guard.announce(/ERR_CONNECTION_FAILED/);
  const [desktop, telephone] = [await enter(CAMILLE), await enter(CAMILLE)];
  const conversation = await desktop.conversationWith(LUC);
  await telephone.call('conversations.save_draft', { conversation, draft: 'Bonjour' });
  await desktop.page.route(VAULT, (route) => route.abort('connectionfailed'));
  await desktop.open(`/messages/${conversation}`);
  await whole(desktop);
  await desktop.compose(LUC.name).fill('Bonsoir');
  await expect.poll(() => draftOf(telephone, conversation)).toBe('Bonsoir');
  await desktop.page.route(SAVE, (route) => route.abort('connectionfailed'));
  await desktop.compose(LUC.name).press('End');
  await desktop.compose(LUC.name).pressSequentially(' Luc');

  await desktop.page.unroute(VAULT);
  await desktop.page.waitForResponse(VAULT, { timeout: 40_000 });
  await desktop.page.unroute(SAVE);
  await desktop.compose(LUC.name).pressSequentially('!');

  await expect.poll(() => draftOf(telephone, conversation)).toBe('Bonsoir Luc!');
  await expect(desktop.compose(LUC.name)).toHaveValue('Bonsoir Luc!');
});

test('two drafts that are too long together stand in the box, which says so', async ({ enter, guard }) => {
  guard.announce(...refusal(422), /ERR_CONNECTION_FAILED/);
  const [desktop, telephone] = [await enter(CAMILLE), await enter(CAMILLE)];
  const conversation = await desktop.openConversation(LUC);
  await whole(desktop);
  await desktop.page.route(SAVE, (route) => route.abort('connectionfailed'));
  const [here, there] = ['ici '.repeat(2_000), 'là '.repeat(2_000)];
  await desktop.compose(LUC.name).fill(here);
  await telephone.call('conversations.save_draft', { conversation, draft: there });

  await desktop.page.unroute(SAVE);
  await desktop.compose(LUC.name).press('End');
  await desktop.compose(LUC.name).pressSequentially('!');

  await expect(desktop.compose(LUC.name)).toHaveValue(`${there}\n\n${here}!`);
  await expect(desktop.compose(LUC.name)).toHaveAttribute('aria-invalid', 'true');
  expect(await draftOf(telephone, conversation)).toBe(there);
  await desktop.compose(LUC.name).fill('court');
  await expect.poll(() => draftOf(telephone, conversation)).toBe('court');
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
