// What is done with a message that is there, by mouse and by finger: both see it, and it stays.
import { expect, test } from './lib/pli';
import { act, both, expectNoViolation, openMenu } from './lib/actions';
import { CAMILLE, FATOU, LUC } from './lib/people';
import { holding, named } from './lib/words';

for (const place of ['desktop', 'tablet'] as const) {
  test(`a message is answered, and its quote leads to it (${place})`, async ({ enter }) => {
    const [camille, luc] = await both(enter, place);
    const conversation = await luc.conversationWith(CAMILLE);
    await luc.write(CAMILLE.name, 'Quelle dose ce matin?');
    for (let n = 1; n <= 25; n++) await luc.sendByCall(conversation, `Remplissage ${n}\nsur deux lignes`);
    await expect(camille.message(LUC.name, 'Remplissage 25')).toBeVisible();

    await act(camille, place, LUC.name, 'Quelle dose ce matin?', 'Répondre');
    await expect(camille.page.getByRole('group', { name: named(`Réponse à ${LUC.name}`) })).toContainText('Quelle dose');
    await expect(camille.compose(LUC.name)).toBeFocused();
    await camille.compose(LUC.name).fill('2,5 mg');
    await camille.arrow.click();

    await expect(camille.page.getByRole('group', { name: /^Réponse à/ })).toHaveCount(0);
    for (const [person, friend, author] of [[camille, LUC, LUC.name], [luc, CAMILLE, 'votre message']] as const) {
      const quote = person.message(friend.name, '2,5 mg').getByRole('link', { name: holding(`En réponse à ${author}`) });
      await expect(quote).toContainText('Quelle dose ce matin?');
      await quote.click();
      await expect(person.message(friend.name, 'Quelle dose ce matin?').first()).toBeInViewport();
      await expect(person.message(friend.name, 'Quelle dose ce matin?').first()).toBeFocused();
    }
    // What the server draws says the same.
    await luc.page.reload();
    await expect(luc.message(CAMILLE.name, '2,5 mg').locator('.quote')).toContainText('Quelle dose ce matin?');
  });

  test(`a word is put on a message and taken away (${place})`, async ({ enter }) => {
    const [camille, luc] = await both(enter, place);
    await luc.write(CAMILLE.name, 'Peux-tu revoir la dose?');

    await act(camille, place, LUC.name, 'revoir la dose', "Je m'en occupe");

    const onLucs = luc.message(CAMILLE.name, 'revoir la dose').getByRole('list', { name: named("Réponses d'un mot") });
    await expect(onLucs).toContainText(holding("Je m'en occupe"));
    const own = camille.message(LUC.name, 'revoir la dose').getByRole('button', { name: named("Retirer : Je m'en occupe") });
    await expect(own).toBeVisible();
    await camille.page.reload();
    await own.click();
    await expect(onLucs).toHaveCount(0);
    await expect(luc.message(CAMILLE.name, 'revoir la dose')).toHaveCount(1);
  });

  test(`a message is changed; both see it, and what it said before (${place})`, async ({ enter }) => {
    const [camille, luc] = await both(enter, place);
    await camille.write(LUC.name, 'Donne 2,5 g');

    await act(camille, place, LUC.name, 'Donne 2,5 g', 'Modifier');
    const text = camille.dialog.getByRole('textbox', { name: named('Texte du message') });
    await expect(text).toHaveValue('Donne 2,5 g');
    await text.fill('Donne 2,5 mg');
    await camille.dialog.getByRole('button', { name: named('Enregistrer') }).click();

    await expect(camille.dialog).toHaveCount(0);
    for (const [person, friend] of [[camille, LUC], [luc, CAMILLE]] as const) {
      const bubble = person.message(friend.name, 'Donne 2,5 mg');
      await expect(bubble).toHaveCount(1);
      await expect(bubble).toHaveAccessibleName(/, modifié/);
      await expect(person.message(friend.name, 'Donne 2,5 g,')).toHaveCount(0);
    }
    await luc.message(CAMILLE.name, 'Donne 2,5 mg').getByRole('button', { name: holding('Modifié') }).click();
    await expect(luc.dialog.getByRole('listitem')).toHaveText([/Donne 2,5 g$/, /Donne 2,5 mg$/]);
    await luc.page.keyboard.press('Escape');
    await expect(luc.dialog).toHaveCount(0);
    await luc.page.reload();
    await expect(luc.message(CAMILLE.name, 'Donne 2,5 mg')).toHaveAccessibleName(/, modifié/);
  });

  test(`a message is deleted for both, and leaves its trace (${place})`, async ({ enter }) => {
    const [camille, luc] = await both(enter, place);
    await camille.write(LUC.name, 'À ne pas lire');
    await expect(luc.message(CAMILLE.name, 'À ne pas lire')).toBeVisible();
    await act(luc, 'desktop', CAMILLE.name, 'À ne pas lire', 'Répondre');
    await luc.compose(CAMILLE.name).fill('Je l’ai lu.');
    await luc.arrow.click();

    await act(camille, place, LUC.name, 'À ne pas lire', 'Supprimer');
    await camille.dialog.getByRole('button', { name: named('Supprimer') }).click();

    for (const [person, friend] of [[camille, LUC], [luc, CAMILLE]] as const) {
      await expect(person.message(friend.name, 'Message supprimé')).toHaveCount(1);
      await expect(person.page.getByText('À ne pas lire')).toHaveCount(0);
      await expect(person.message(friend.name, 'Je l’ai lu.').locator('.quote')).toContainText('Message supprimé');
      await person.page.reload();
      await expect(person.message(friend.name, 'Message supprimé')).toHaveCount(1);
      await expect(person.message(friend.name, 'Je l’ai lu.').locator('.quote')).toContainText('Message supprimé');
    }
    await luc.tab(luc.words.home).click();
    await expect(luc.directMessages).toContainText('Je l’ai lu.');
  });

  test(`what was just sent is taken back, and its words are in the box (${place})`, async ({ enter }) => {
    const [camille, luc] = await both(enter, place);

    await camille.write(LUC.name, 'Envoyé trop vite');
    await camille.button("Annuler l'envoi").click();

    await expect(camille.compose(LUC.name)).toHaveValue('Envoyé trop vite');
    await expect(luc.page.getByText('Envoyé trop vite')).toHaveCount(0);
    // What had left has left its trace; what had not, none. In neither case does anybody see the words.
    await luc.page.reload();
    await expect(luc.page.getByText('Envoyé trop vite')).toHaveCount(0);
    await camille.compose(LUC.name).fill('Envoyé à temps');
    await camille.arrow.click();
    await expect(luc.message(CAMILLE.name, 'Envoyé à temps')).toHaveCount(1);
    await expect(camille.button("Annuler l'envoi")).toHaveCount(0, { timeout: 8_000 });
    await expect(luc.message(CAMILLE.name, 'Envoyé à temps')).toHaveCount(1);
  });

  test(`stars are one's own, pins are of both, and both lead back (${place})`, async ({ enter }) => {
    const [camille, luc] = await both(enter, place);
    await luc.write(CAMILLE.name, 'Le protocole est le 4B');
    await luc.write(CAMILLE.name, 'Le code du local est affiché');

    await act(camille, place, LUC.name, 'protocole', 'Épingler pour vous deux');
    await act(camille, place, LUC.name, 'code du local', 'Ajouter à vos favoris');

    await expect(luc.message(CAMILLE.name, 'protocole')).toContainText('Épinglé');
    await expect(camille.message(LUC.name, 'code du local')).toContainText('Favori');
    await expect(luc.message(CAMILLE.name, 'code du local')).not.toContainText('Favori');
    for (const [person, friend, nStarred] of [[camille, LUC, 1], [luc, CAMILLE, 0]] as const) {
      await person.choose('Messages épinglés et favoris');
      const pinned = person.dialog.getByRole('region', { name: named('Épinglés pour vous deux') });
      const starred = person.dialog.getByRole('region', { name: holding('Vos favoris') });
      await expect(pinned.getByRole('button')).toHaveCount(1);
      await expect(starred.getByRole('button')).toHaveCount(nStarred);
      await pinned.getByRole('button').click();
      await expect(person.dialog).toHaveCount(0);
      await expect(person.message(friend.name, 'protocole')).toBeFocused();
    }
    await act(luc, 'desktop', CAMILLE.name, 'protocole', "Retirer l'épingle");
    await expect(camille.message(LUC.name, 'protocole')).not.toContainText('Épinglé');
  });

  test(`a message goes to another friend after a second look (${place})`, async ({ enter }) => {
    const [camille, luc] = await both(enter, place);
    const fatou = await enter(FATOU);
    await fatou.openConversation(CAMILLE);
    await luc.write(CAMILLE.name, 'La garde change à 19 h');

    await act(camille, place, LUC.name, 'La garde change', 'Transférer');
    await camille.dialog.getByRole('searchbox').fill('fatou');
    await camille.dialog.getByRole('button', { name: holding(FATOU.name) }).click();
    await expect(camille.dialog).toContainText('sage-femme', { ignoreCase: true });
    await expect(fatou.message(CAMILLE.name, 'La garde change')).toHaveCount(0);
    await camille.dialog.getByRole('button', { name: named(`Transférer à ${FATOU.name}`) }).click();

    const arrived = fatou.message(CAMILLE.name, 'La garde change à 19 h');
    await expect(arrived).toHaveCount(1);
    await expect(arrived).toContainText('Transféré');
    await expect(arrived).not.toContainText(LUC.name);
    await expect(camille.dialog).toHaveCount(0);
  });

  test(`the menu and every question hold to the rules (${place})`, async ({ enter }) => {
    const [camille, luc] = await both(enter, place);
    await luc.write(CAMILLE.name, 'Un message de Luc');
    await act(camille, place, LUC.name, 'Un message de Luc', 'Répondre');
    await camille.compose(LUC.name).fill('Un message de Camille');
    await camille.arrow.click();
    await act(camille, place, LUC.name, 'Un message de Camille', 'Urgent');
    await act(camille, place, LUC.name, 'Un message de Camille', 'Épingler pour vous deux');
    await act(camille, place, LUC.name, 'Un message de Luc', 'Ajouter à vos favoris');
    const conversation = await camille.conversationWith(LUC);
    const { messages } = await camille.read<{ messages: { id: string }[] }>('conversations.read_timeline', { conversation });
    const message = messages.at(-1)?.id;
    await camille.call('conversations.edit_message', { message, key: crypto.randomUUID(), body: 'Un message corrigé' });
    await expect(camille.message(LUC.name, 'Un message corrigé')).toBeVisible();
    await expectNoViolation(camille, 'what is on messages');

    await openMenu(camille, place, LUC.name, 'Un message corrigé');
    await expectNoViolation(camille, 'the menu');
    await camille.page.keyboard.press('Escape');
    for (const entry of ['Modifier', 'Supprimer', "Voir ce qu'il disait avant", 'Transférer']) {
      await act(camille, place, LUC.name, 'Un message corrigé', entry);
      await expect(camille.dialog).toBeVisible();
      await expectNoViolation(camille, entry);
      await camille.page.keyboard.press('Escape');
      await expect(camille.dialog).toHaveCount(0);
    }
    await camille.choose('Messages épinglés et favoris');
    await expect(camille.dialog).toBeVisible();
    await expectNoViolation(camille, 'what is pinned and starred');
  });

  test(`the words of a message are copied (${place})`, async ({ enter }) => {
    const [camille, luc] = await both(enter, place);
    await camille.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: camille.origin });
    await luc.sendByCall(await luc.conversationWith(CAMILLE), 'INR 2,4\nà revoir mardi');
    await expect(camille.message(LUC.name, 'INR 2,4')).toBeVisible();

    await act(camille, place, LUC.name, 'INR 2,4', 'Copier le texte');

    await expect(camille.page.getByText('Texte copié.')).toBeVisible();
    expect(await camille.page.evaluate(() => navigator.clipboard.readText())).toBe('INR 2,4\nà revoir mardi');
  });

  test(`a message of the friend is marked as unread, and stays so while it is looked at (${place})`, async ({ enter }) => {
    const [camille, luc] = await both(enter, place);
    const conversation = await luc.conversationWith(CAMILLE);
    for (const word of ['lu', 'à relire', 'aussi']) await luc.sendByCall(conversation, `Message ${word}`);
    const unread = async () => {
      const { conversation: shown } = await camille.read<{ conversation: { unread_count: number } }>('conversations.get_conversation', { conversation });
      return shown.unread_count;
    };
    await expect(camille.message(LUC.name, 'Message aussi')).toBeVisible();
    await expect.poll(unread).toBe(0);

    await act(camille, place, LUC.name, 'Message à relire', 'Marquer comme non lu');

    // What came after it as well; and looking on marks nothing as read until the page is left.
    await expect.poll(unread).toBe(2);
    await camille.history(LUC.name).getByText('Message lu').click();
    await camille.page.waitForTimeout(1_500);
    expect(await unread()).toBe(2);
    // On a tablet held upright the conversation has the whole screen, and its own way back.
    const back = place === 'desktop' ? camille.tab(camille.words.home) : camille.page.getByRole('link', { name: named('Retour aux messages') });
    await back.click();
    await expect(camille.directMessages.getByRole('link', { name: holding(LUC.name) })).toContainText('2');
  });
}
