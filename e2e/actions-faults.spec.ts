// What is done with a message while something is in the way: nothing is lost, and nothing is claimed that was not done.
import { expect, test } from './lib/pli';
import { act, both, openMenu } from './lib/actions';
import { Cut } from './lib/cut';
import { vaultIsOpen } from './lib/device';
import { refusal, UNREACHABLE } from './lib/guard';
import { CAMILLE, FATOU, LUC } from './lib/people';
import { holding, named } from './lib/words';

test('what is not answered says so, and is not done later; what was typed is kept', async ({ enter, guard }) => {
  guard.announce(...UNREACHABLE);
  const [camille, luc] = await both(enter, 'desktop');
  await camille.write(LUC.name, 'Avant la panne');
  await luc.write(CAMILLE.name, 'Vu?');
  await expect(camille.message(LUC.name, 'Vu?')).toBeVisible();
  // What asks comes when it is first wanted: it is there before the network goes.
  await act(camille, 'desktop', LUC.name, 'Avant la panne', 'Modifier');
  await expect(camille.dialog).toBeVisible();
  await camille.page.keyboard.press('Escape');
  await expect(camille.dialog).toHaveCount(0);
  await camille.context.setOffline(true);

  await act(camille, 'desktop', LUC.name, 'Vu?', 'Vu');
  await expect(camille.page.getByText(/Pas de réponse du serveur/).first()).toBeVisible();
  await act(camille, 'desktop', LUC.name, 'Avant la panne', 'Modifier');
  const text = camille.dialog.getByRole('textbox', { name: named('Texte du message') });
  await text.fill('Pendant la panne');
  await camille.dialog.getByRole('button', { name: named('Enregistrer') }).click();
  await expect(camille.dialog.getByRole('alert')).toContainText(/Pas de réponse du serveur/);
  await expect(text).toHaveValue('Pendant la panne');
  await camille.context.setOffline(false);
  await camille.dialog.getByRole('button', { name: named('Enregistrer') }).click();

  await expect(luc.message(CAMILLE.name, 'Pendant la panne')).toHaveCount(1);
  await expect(luc.message(CAMILLE.name, 'Vu?')).not.toContainText('Vu, ');
});

test('a message taken back without a network never leaves', async ({ enter, guard }) => {
  guard.announce(...UNREACHABLE);
  const [camille, luc] = await both(enter, 'desktop');
  await camille.context.setOffline(true);

  await camille.write(LUC.name, 'Jamais parti');
  await camille.button("Annuler l'envoi").click();
  await expect(camille.compose(LUC.name)).toHaveValue('Jamais parti');
  await expect(camille.message(LUC.name, 'Jamais parti')).toHaveCount(0);
  await camille.compose(LUC.name).fill('Parti');
  await camille.arrow.click();
  await camille.context.setOffline(false);

  await expect(luc.message(CAMILLE.name, 'Parti')).toHaveCount(1, { timeout: 30_000 });
  await luc.page.reload();
  await expect(luc.history(CAMILLE.name).locator('[data-position]')).toHaveCount(1);
});

test('a page that goes within the five seconds takes no message along', async ({ enter }) => {
  const [camille, luc] = await both(enter, 'desktop');

  await camille.write(LUC.name, 'Envoyé, puis fermé');
  await expect(camille.button("Annuler l'envoi")).toBeVisible();
  await camille.page.close({ runBeforeUnload: false });

  await expect(luc.message(CAMILLE.name, 'Envoyé, puis fermé')).toHaveCount(1);
});

test('a device that was away learns of changes and deletions by the same log, in order', async ({ enter, guard }) => {
  guard.announce(...UNREACHABLE);
  const [camille, luc] = await both(enter, 'desktop');
  const conversation = await camille.conversationWith(LUC);
  for (const word of ['un', 'deux', 'trois']) await camille.sendByCall(conversation, `Absent ${word}`);
  await expect(luc.message(CAMILLE.name, 'Absent trois')).toBeVisible();
  await luc.context.setOffline(true);

  const { messages } = await camille.read<{ messages: { id: string }[] }>('conversations.read_timeline', { conversation });
  const [one, two] = messages.map(({ id }) => id);
  await camille.call('conversations.edit_message', { message: one, key: crypto.randomUUID(), body: 'Absent corrigé' });
  await camille.call('conversations.delete_message', { message: two });
  await camille.sendByCall(conversation, 'Absent quatre');
  await luc.context.setOffline(false);

  await expect(luc.message(CAMILLE.name, 'Absent quatre')).toBeVisible({ timeout: 30_000 });
  const names = luc.history(CAMILLE.name).locator('[data-position]');
  await expect(names).toHaveCount(4);
  const labels = await names.evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label') ?? ''));
  for (const [index, words] of ['Absent corrigé', 'Message supprimé', 'Absent trois', 'Absent quatre'].entries()) {
    expect(labels[index]).toContain(words);
  }
});

test('a closed channel offers what is one’s own, and nothing that the other would see', async ({ enter }) => {
  const [camille, luc] = await both(enter, 'desktop');
  await camille.write(LUC.name, 'À garder');
  await expect(luc.message(CAMILLE.name, 'À garder')).toBeVisible();
  await luc.closeChannel();
  await expect(camille.closedNotice).toBeVisible();

  const menu = await openMenu(camille, 'desktop', LUC.name, 'À garder');

  const entries = await menu.getByRole('menuitem').allInnerTexts();
  expect(entries.map((entry) => entry.trim())).toEqual(['Copier le texte', 'Transférer', 'Ajouter à vos favoris']);
  await expect(menu.getByRole('menuitemcheckbox')).toHaveCount(0);
});

test('an act that comes too late says so, and the words stay', async ({ enter, guard }) => {
  guard.announce(...refusal(410));
  const [camille, luc] = await both(enter, 'desktop');
  await camille.write(LUC.name, 'Bientôt supprimé');
  await expect(luc.message(CAMILLE.name, 'Bientôt supprimé')).toBeVisible();
  const conversation = await camille.conversationWith(LUC);
  const { messages } = await camille.read<{ messages: { id: string }[] }>('conversations.read_timeline', { conversation });
  await act(camille, 'desktop', LUC.name, 'Bientôt supprimé', 'Modifier');
  const text = camille.dialog.getByRole('textbox', { name: named('Texte du message') });
  await text.fill('Corrigé trop tard');

  // Meanwhile, on another device.
  await camille.call('conversations.delete_message', { message: messages[0]?.id });
  await camille.dialog.getByRole('button', { name: named('Enregistrer') }).click();

  await expect(camille.dialog.getByRole('alert')).toContainText('supprimé');
  await expect(text).toHaveValue('Corrigé trop tard');
  await expect(luc.message(CAMILLE.name, 'Message supprimé')).toHaveCount(1);
});

test('REL-25: a message taken back whose answer was lost is deleted once the line is back', async ({ server, visit, enter, guard }) => {
  guard.announce(...UNREACHABLE, /ERR_/, /status 50\d/, /Failed to load resource/, /net::/);
  const cut = await Cut.before(server.port);
  try {
    const luc = await enter(LUC);
    const conversation = await luc.openConversation(CAMILLE);
    const camille = await visit({}, cut.origin);
    await camille.signIn(CAMILLE);
    await camille.open(`/messages/${conversation}`);
    await vaultIsOpen(camille.page);
    cut.set('deaf');

    await camille.write(LUC.name, 'Parti sans réponse');
    // It is on the server, and the page cannot know.
    await expect(luc.message(CAMILLE.name, 'Parti sans réponse')).toHaveCount(1);
    await camille.button("Annuler l'envoi").click();
    await expect(camille.compose(LUC.name)).toHaveValue('Parti sans réponse');
    // The screen may be left meanwhile.
    await camille.tab(camille.words.home).click();
    cut.set('fine');

    await expect(luc.message(CAMILLE.name, 'Message supprimé')).toHaveCount(1, { timeout: 60_000 });
    await expect(luc.page.getByText('Parti sans réponse')).toHaveCount(0);
  } finally {
    await cut.close();
  }
});

test('REL-25: an act whose answer was lost is done once, and shown once the line is back', async ({ server, visit, enter, guard }) => {
  guard.announce(...UNREACHABLE, /ERR_/, /status 50\d/, /Failed to load resource/, /net::/);
  const cut = await Cut.before(server.port);
  try {
    const luc = await enter(LUC);
    const conversation = await luc.openConversation(CAMILLE);
    await luc.write(CAMILLE.name, 'Vu la radio?');
    const camille = await visit({}, cut.origin);
    await camille.signIn(CAMILLE);
    await camille.open(`/messages/${conversation}`);
    await camille.write(LUC.name, 'Oui, normale');
    await expect(luc.message(CAMILLE.name, 'Oui, normale')).toHaveCount(1);
    await act(camille, 'desktop', LUC.name, 'Oui, normale', 'Modifier');
    const text = camille.dialog.getByRole('textbox', { name: named('Texte du message') });
    await text.fill('Oui, anormale');
    cut.set('deaf');

    await camille.dialog.getByRole('button', { name: named('Enregistrer') }).click();
    await expect(luc.message(CAMILLE.name, 'Oui, anormale')).toHaveCount(1);
    // Were the line back at once, the browser would ask again by itself.
    cut.set('refuse');
    await expect(camille.dialog.getByRole('alert')).toBeVisible();
    cut.set('fine');
    await camille.dialog.getByRole('button', { name: named('Enregistrer') }).click();

    await expect(camille.dialog).toHaveCount(0);
    await expect(camille.message(LUC.name, 'Oui, anormale')).toHaveCount(1);
    // Asked twice, changed once: two versions, not three.
    await luc.message(CAMILLE.name, 'Oui, anormale').getByRole('button', { name: holding('Modifié') }).click();
    await expect(luc.dialog.getByRole('listitem')).toHaveCount(2);
  } finally {
    await cut.close();
  }
});

test('REL-25: the words of a message that is deleted by undo are in the box though no answer comes, and on the screen that is left', async ({ server, visit, enter, guard }) => {
  guard.announce(...UNREACHABLE, /ERR_/, /status 50\d/, /Failed to load resource/, /net::/);
  const cut = await Cut.before(server.port);
  try {
    const luc = await enter(LUC);
    const conversation = await luc.openConversation(CAMILLE);
    const camille = await visit({}, cut.origin);
    await camille.signIn(CAMILLE);
    await camille.open(`/messages/${conversation}`);
    await vaultIsOpen(camille.page);
    await camille.write(LUC.name, 'Donner 2,5 g');
    await expect(camille.message(LUC.name, 'Donner 2,5 g')).toHaveAccessibleName(/, envoyé|, remis|, lu/);
    cut.set('deaf');

    await camille.button("Annuler l'envoi").click();
    await expect(camille.compose(LUC.name)).toHaveValue('Donner 2,5 g');
    await expect(luc.message(CAMILLE.name, 'Message supprimé')).toHaveCount(1);
    // Left before any answer.
    await camille.tab(camille.words.home).click();
    cut.set('fine');

    await camille.open(`/messages/${conversation}`);
    await expect(camille.message(LUC.name, 'Message supprimé')).toHaveCount(1, { timeout: 30_000 });
    await expect(camille.compose(LUC.name)).toHaveValue('Donner 2,5 g');
  } finally {
    await cut.close();
  }
});

test('the draft of a message that was taken back does not come back beside the corrected words', async ({ enter, guard }) => {
  guard.announce(...UNREACHABLE);
  const [camille] = await both(enter, 'desktop');
  const conversation = await camille.conversationWith(LUC);
  const draft = async () => {
    const answer = await camille.read<{ conversation: { draft?: string } }>('conversations.get_conversation', { conversation });
    return answer.conversation.draft;
  };
  await camille.compose(LUC.name).fill('Donner 2,5 g');
  await expect.poll(draft).toBe('Donner 2,5 g');
  await camille.context.setOffline(true);

  await camille.arrow.click();
  await camille.button("Annuler l'envoi").click();
  await expect(camille.compose(LUC.name)).toHaveValue('Donner 2,5 g');
  await camille.compose(LUC.name).fill('Donner 2,5 mg');
  await camille.context.setOffline(false);

  await expect.poll(draft, { timeout: 30_000 }).toBe('Donner 2,5 mg');
  await expect(camille.compose(LUC.name)).toHaveValue('Donner 2,5 mg');
});

for (const place of ['in the box', 'on another screen'] as const) {
  test(`REL-25: a message that was taken back and arrives late takes no draft along (${place})`, async ({ enter }) => {
    const [camille, luc] = await both(enter, 'desktop');
    const conversation = await camille.conversationWith(LUC);
    const draft = async () => {
      const answer = await camille.read<{ conversation: { draft?: string } }>('conversations.get_conversation', { conversation });
      return answer.conversation.draft;
    };
    let release = () => {};
    const held = new Promise<void>((done) => (release = done));
    await camille.page.route('**/api/v1/conversations.send_message', async (route) => {
      await held;
      await route.continue();
    });

    await camille.write(LUC.name, 'Donner 2,5 mg');
    await camille.button("Annuler l'envoi").click();
    await expect(camille.compose(LUC.name)).toHaveValue('Donner 2,5 mg');
    // The draft has overtaken the message.
    await expect.poll(draft).toBe('Donner 2,5 mg');
    if (place === 'on another screen') await camille.tab(camille.words.home).click();
    release();

    await expect(luc.message(CAMILLE.name, 'Message supprimé')).toHaveCount(1);
    await expect.poll(draft).toBe('Donner 2,5 mg');
    if (place === 'on another screen') await camille.open(`/messages/${conversation}`);
    await expect(camille.compose(LUC.name)).toHaveValue('Donner 2,5 mg');
  });
}

test('a message that waits can be taken back after the five seconds as well, and an answer keeps its question', async ({ enter, guard }) => {
  guard.announce(...UNREACHABLE);
  const [camille, luc] = await both(enter, 'desktop');
  await luc.write(CAMILLE.name, 'Je donne 2,5 mg?');
  await act(camille, 'desktop', LUC.name, 'Je donne 2,5 mg?', 'Répondre');
  await camille.context.setOffline(true);
  await camille.write(LUC.name, 'Oui, donnez');
  await expect(camille.button("Annuler l'envoi")).toHaveCount(0, { timeout: 15_000 });

  await act(camille, 'desktop', LUC.name, 'Oui, donnez', "Annuler l'envoi");

  await expect(camille.compose(LUC.name)).toHaveValue('Oui, donnez');
  await expect(camille.message(LUC.name, 'Oui, donnez')).toHaveCount(0);
  await expect(camille.page.getByRole('group', { name: named(`Réponse à ${LUC.name}`) })).toContainText('Je donne 2,5 mg?');
  await expect(camille.page.getByText(/Envoi interrompu/)).toBeVisible();
});

test('who was told that sending was stopped is told when it could not be', async ({ server, visit, enter, guard }) => {
  guard.announce(...UNREACHABLE, ...refusal(403), ...refusal(409), /ERR_/, /status (50\d|4\d\d)/, /Failed to load resource/, /net::/);
  const cut = await Cut.before(server.port);
  try {
    const luc = await enter(LUC);
    const conversation = await luc.openConversation(CAMILLE);
    const camille = await visit({}, cut.origin);
    await camille.signIn(CAMILLE);
    await camille.open(`/messages/${conversation}`);
    await vaultIsOpen(camille.page);
    cut.set('deaf');
    await camille.write(LUC.name, 'Parti quand même');
    await expect(luc.message(CAMILLE.name, 'Parti quand même')).toHaveCount(1);
    await camille.button("Annuler l'envoi").click();
    await expect(camille.page.getByText(/Envoi interrompu/)).toBeVisible();

    await luc.closeChannel();
    cut.set('fine');

    await expect(camille.page.getByText(/était déjà parti/)).toBeVisible({ timeout: 60_000 });
    await expect(luc.message(CAMILLE.name, 'Parti quand même')).toHaveCount(1);
  } finally {
    await cut.close();
  }
});

test('C5: what belongs in a record leaves neither by a change nor by forwarding before the choice', async ({ enter }) => {
  const [camille, luc] = await both(enter, 'desktop');
  const held = camille.dialog.getByRole('alert').filter({ hasText: 'semble contenir' });
  await camille.write(LUC.name, 'Voir la patiente');
  const bodies: string[] = [];
  camille.page.on('request', (request) => bodies.push(request.postData() ?? ''));

  await act(camille, 'desktop', LUC.name, 'Voir la patiente', 'Modifier');
  await camille.dialog.getByRole('textbox', { name: named('Texte du message') }).fill('Voir la patiente COTS 8005 1012');
  await camille.dialog.getByRole('button', { name: named('Enregistrer') }).click();
  await expect(held).toBeVisible();
  expect(bodies.filter((body) => body.includes('8005'))).toEqual([]);
  await camille.dialog.getByRole('button', { name: named('Masquer') }).click();
  await camille.dialog.getByRole('button', { name: named('Enregistrer') }).click();
  await expect(luc.message(CAMILLE.name, 'Voir la patiente •••• •••• ••••')).toHaveCount(1);

  // Luc wrote it, with his choice; to a third person it is asked again.
  await luc.compose(CAMILLE.name).fill('NAM COTS 8005 1012');
  await luc.arrow.click();
  await luc.button('Envoyer quand même').click();
  await act(camille, 'desktop', LUC.name, 'NAM COTS 8005 1012', 'Transférer');
  await camille.dialog.getByRole('button', { name: holding(FATOU.name) }).click();
  await camille.dialog.getByRole('button', { name: named(`Transférer à ${FATOU.name}`) }).click();
  await expect(held).toBeVisible();
  await expect(camille.page.getByText(`Message transféré à ${FATOU.name}.`)).toHaveCount(0);
  await camille.dialog.getByRole('button', { name: named('Envoyer quand même') }).click();
  await expect(camille.page.getByText(`Message transféré à ${FATOU.name}.`)).toBeVisible();
});

test('what was deleted is read no more where it is being answered or looked at', async ({ enter }) => {
  const [camille, luc] = await both(enter, 'desktop');
  await luc.write(CAMILLE.name, 'À retirer');
  await act(camille, 'desktop', LUC.name, 'À retirer', 'Répondre');
  const answered = camille.page.getByRole('group', { name: named(`Réponse à ${LUC.name}`) });
  await expect(answered).toContainText('À retirer');
  await act(camille, 'desktop', LUC.name, 'À retirer', 'Transférer');
  await expect(camille.dialog).toBeVisible();

  await act(luc, 'desktop', CAMILLE.name, 'À retirer', 'Supprimer');
  await luc.dialog.getByRole('button', { name: named('Supprimer') }).click();

  await expect(camille.dialog).toHaveCount(0);
  await expect(answered).toContainText('Message supprimé');
  await expect(answered).not.toContainText('À retirer');
});
