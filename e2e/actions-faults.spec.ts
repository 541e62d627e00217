// What is done with a message while something is in the way: nothing is lost, and nothing is claimed that was not done.
import { expect, test } from './lib/pli';
import { act, both, openMenu } from './lib/actions';
import { Cut } from './lib/cut';
import { vaultIsOpen } from './lib/device';
import { refusal, UNREACHABLE } from './lib/guard';
import { CAMILLE, LUC } from './lib/people';
import { holding, named } from './lib/words';

test('what is not answered says so, and is not done later; what was typed is kept', async ({ enter, guard }) => {
  guard.announce(...UNREACHABLE);
  const [camille, luc] = await both(enter, 'desktop');
  await camille.write(LUC.name, 'Avant la panne');
  await luc.write(CAMILLE.name, 'Vu?');
  await expect(camille.message(LUC.name, 'Vu?')).toBeVisible();
  await act(camille, 'desktop', LUC.name, 'Avant la panne', 'Modifier');
  await camille.page.keyboard.press('Escape');
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
    cut.set('fine');
    await expect(camille.dialog.getByRole('alert')).toBeVisible();
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
