// The life of a friendship: asked, withdrawn, put aside, crossed, opened, closed, reopened, blocked.
import { expect, test } from './lib/pli';
import { ANNE, CAMILLE, ETIENNE, INES, JULIE, LUC, MARC, NADIA, ROBERT, SAMUEL, SOPHIE } from './lib/people';
import { refusal } from './lib/guard';
import { holding, named } from './lib/words';

test('A14: the badge on Réseau counts the requests that wait', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const nadia = await enter(NADIA);
  await camille.open('/accueil');
  const tab = camille.tab(camille.words.network);
  await expect(tab).toHaveAccessibleDescription(holding('1 demande reçue'));

  await nadia.call('friendships.send_friend_request', { account: await nadia.idOf(CAMILLE) });

  await expect(tab).toHaveAccessibleDescription(holding('2 demandes reçues'));
});

test('A14: a request received shows its note, and accepting opens the channel', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.open('/reseau');
  await expect(camille.page.getByRole('blockquote').first()).toBeVisible();

  await camille.button(camille.words.accept(MARC.name)).click();

  await expect(camille.button(camille.words.accept(MARC.name))).toHaveCount(0);
  await expect(camille.plane(MARC.name).first()).toBeVisible();
});

test('A14: a request sent can be taken back, and leaves the other screen', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const samuel = await enter(SAMUEL);
  await samuel.open('/reseau');
  await expect(samuel.button(samuel.words.accept(CAMILLE.name))).toBeVisible();
  await camille.open('/reseau');

  await camille.button(camille.words.cancelRequest(SAMUEL.name)).first().click();

  await expect(camille.button(camille.words.cancelRequest(SAMUEL.name))).toHaveCount(0);
  await expect(samuel.button(samuel.words.accept(CAMILLE.name))).toHaveCount(0);
});

test('A14: ignoring is silent: the sender sees no change', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const marc = await enter(MARC);
  await marc.open('/reseau');
  await expect(marc.button(marc.words.cancelRequest(CAMILLE.name)).first()).toBeVisible();
  await camille.open('/reseau');

  await camille.button(camille.words.ignore(MARC.name)).click();
  await expect(camille.button(camille.words.accept(MARC.name))).toHaveCount(0);

  await expect(marc.button(marc.words.cancelRequest(CAMILLE.name)).first()).toBeVisible();
  await marc.open('/reseau');
  await expect(marc.button(marc.words.cancelRequest(CAMILLE.name)).first()).toBeVisible();
});

test('A2: crossing requests become one friendship', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const etienne = await enter(ETIENNE);
  const [camilleId, etienneId] = [await etienne.idOf(CAMILLE), await camille.idOf(ETIENNE)];

  await camille.call('friendships.send_friend_request', { account: etienneId });
  await etienne.call('friendships.send_friend_request', { account: camilleId });
  await camille.open('/reseau');
  await etienne.open('/reseau');

  await expect(camille.plane(ETIENNE.name).first()).toBeVisible();
  await expect(etienne.plane(CAMILLE.name).first()).toBeVisible();
});

test('A1 A3: before the answer there is no compose box, and writing is refused', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.open('/reseau');

  for (const other of [MARC, SAMUEL, NADIA]) {
    const account = await camille.idOf(other);
    expect((await camille.ask('conversations.open_conversation', { account })).status()).toBeGreaterThanOrEqual(400);
    await camille.open(`/reseau/${account}`);
    await expect(camille.heading(other.name)).toBeVisible();
    await expect(camille.plane(other.name)).toHaveCount(0);
    await expect(camille.compose(other.name)).toHaveCount(0);
  }
});

test('A7: closing the channel silences both sides at once and keeps the history', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const anne = await enter(ANNE);
  const conversation = await camille.openConversation(ANNE);
  await anne.openConversation(CAMILLE);
  await camille.write(ANNE.name, 'Dernier mot avant de fermer.');
  await expect(anne.message(CAMILLE.name, 'Dernier mot avant de fermer.')).toBeVisible();
  await anne.compose(CAMILLE.name).fill('Un brouillon qui doit rester');

  await camille.closeChannel();

  for (const [person, friend] of [[camille, ANNE], [anne, CAMILLE]] as const) {
    await expect(person.closedNotice).toBeVisible();
    await expect(person.compose(friend.name)).toHaveCount(0);
    await expect(person.message(friend.name, 'Dernier mot avant de fermer.')).toBeVisible();
  }
  await expect(anne.page.getByText('Un brouillon qui doit rester')).toBeVisible();
  const refused = await anne.ask('conversations.send_message', { conversation, key: crypto.randomUUID(), body: 'Encore' });
  expect(refused.status()).toBe(403);
});

test('A7: the confirmation can be left: nothing is closed', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.openConversation(INES);

  await camille.choose(camille.words.close);
  await camille.dialog.getByRole('button', { name: named(camille.words.cancel) }).click();

  await expect(camille.dialog).toHaveCount(0);
  await expect(camille.compose(INES.name)).toBeVisible();
});

test('A7: on a wide screen the details ask the same two questions', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.openConversation(INES);
  const details = camille.page.getByRole('complementary', { name: named(`À propos de ${INES.name}`) });
  const close = details.getByRole('link', { name: named(camille.words.close) });
  const block = details.getByRole('link', { name: named(camille.words.block(INES.name)) });

  await block.click();
  await expect(camille.dialog).toContainText('Bloquer');
  await camille.dialog.getByRole('button', { name: named(camille.words.cancel) }).click();
  await expect(camille.dialog).toHaveCount(0);
  await expect(camille.compose(INES.name)).toBeVisible();
  await close.click();
  await camille.dialog.getByRole('button', { name: named(camille.words.close) }).click();

  await expect(camille.closedNotice).toBeVisible();
  await expect(close).toHaveCount(0);
  await expect(block).toBeVisible();
});

test('A7: a closed channel reopens by a new request, with the same history', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const sophie = await enter(SOPHIE);
  await sophie.open('/reseau');
  const account = await camille.idOf(SOPHIE);
  await camille.open(`/reseau/${account}`);
  await expect(camille.plane(SOPHIE.name)).toHaveCount(0);

  await camille.button(camille.words.request(SOPHIE.name)).first().click();
  await sophie.button(sophie.words.accept(CAMILLE.name)).click();

  await camille.plane(SOPHIE.name).first().click();
  await expect(camille.history(SOPHIE.name).getByRole('listitem').first()).toBeVisible();
  await camille.write(SOPHIE.name, 'De retour!');
  await sophie.openConversation(CAMILLE);
  await expect(sophie.message(CAMILLE.name, 'De retour!')).toBeVisible();
});

test('A7: what the other side closed stays readable', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.open('/accueil');

  await camille.page.getByRole('link', { name: new RegExp(JULIE.name) }).first().click();

  await expect(camille.closedNotice).toBeVisible();
  await expect(camille.history(JULIE.name).getByRole('listitem').first()).toBeVisible();
});

test('a block looks like silence to the other side', async ({ enter, guard }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await camille.openConversation(LUC);

  await camille.choose(camille.words.block(LUC.name));
  const confirmation = camille.dialog.getByRole('button', { name: /Bloquer/ });
  if (await confirmation.count()) await confirmation.click();
  await expect(camille.compose(LUC.name)).toHaveCount(0);

  guard.announce(...refusal(403), ...refusal(404));
  const { people } = await luc.call<{ people: { name: string; relation: string }[] }>('contacts.search_people', { text: 'Tremblay' });
  expect(people.find(({ name }) => named(CAMILLE.name).test(name))?.relation).not.toBe('blocked');
});

test('somebody blocked can be unblocked from their card', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.open(`/reseau/${await camille.idOf(ROBERT)}`);

  await camille.page.getByRole('button', { name: /^Débloquer/ }).first().click();

  await expect(camille.button(camille.words.request(ROBERT.name)).first()).toBeVisible();
});

test('A15: a phone number is for friends, and goes when the channel closes', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const anne = await enter(ANNE);
  await anne.call('accounts.save_profile', {
    title: 'Dre',
    name: 'Anne Roy',
    profession: 'Cardiologue',
    workplace: 'Hôpital du Parc',
    phone: '514 555-0199',
  });
  const account = await camille.idOf(ANNE);
  await camille.open(`/reseau/${account}`);
  await expect(camille.page.getByText(/514\s555-0199/)).toBeVisible();

  await anne.call('friendships.close_channel', { account: await anne.idOf(CAMILLE) });

  await expect(camille.page.getByText(/514\s555-0199/)).toHaveCount(0);
  await camille.open(`/reseau/${account}`);
  await expect(camille.heading(ANNE.name)).toBeVisible();
  await expect(camille.page.getByText(/514\s555-0199/)).toHaveCount(0);
});

test('what happens while a page is being read is shown by it', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const anne = await enter(ANNE);
  const account = await camille.idOf(ANNE);
  await camille.open('/reseau');
  await expect(camille.page.locator('html[data-whole]')).toBeAttached();
  const close = { account: await anne.idOf(CAMILLE) };
  // The profile is read, then the channel is closed, then the page hears of it, then what was read arrives.
  await camille.page.route(/contacts\.get_profile/, async (route) => {
    const read = await route.fetch();
    const heard = camille.page.waitForResponse(/notifications\.get_badges/);
    await anne.call('friendships.close_channel', close);
    await heard;
    await route.fulfill({ response: read });
  }, { times: 1 });

  await camille.page.locator(`a[href="/reseau/${account}"]`).first().click();

  await expect(camille.heading(ANNE.name)).toBeVisible();
  await expect(camille.button(camille.words.request(ANNE.name)).first()).toBeVisible();
  await expect(camille.plane(ANNE.name)).toHaveCount(0);
});

test('A15: each appears among the contacts of the other', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const marc = await enter(MARC);

  await camille.call('friendships.accept_friend_request', { account: await camille.idOf(MARC) });

  for (const [person, friend] of [[camille, MARC], [marc, CAMILLE]] as const) {
    const { friends } = await person.read<{ friends: { name: string }[] }>('contacts.list_friends');
    expect(friends.some(({ name }) => named(friend.name).test(name))).toBe(true);
  }
});

test('A6: a third person sees neither the conversation nor that it exists', async ({ enter, guard }) => {
  const camille = await enter(CAMILLE);
  const nadia = await enter(NADIA);
  const conversation = await camille.conversationWith(ANNE);
  guard.announce(...refusal(404));

  await nadia.open(`/messages/${conversation}`);
  const foreign = await nadia.page.locator('main').innerText();
  await nadia.open(`/messages/${crypto.randomUUID()}`);
  const missing = await nadia.page.locator('main').innerText();

  expect(foreign).toBe(missing);
  expect(foreign).not.toContain(ANNE.name);
});
