// Files: chosen, pasted, dropped; on their way through cuts, reloads and refusals; seen, enlarged and taken away.
import { createHash } from 'node:crypto';
import type { Page } from '@playwright/test';
import { expect, test } from './lib/pli';
import { act, both } from './lib/actions';
import { Cut } from './lib/cut';
import { boxHolds, records, restingFiles, vaultIsOpen } from './lib/device';
import { attach, chip, chips, download, give, pdf, png, wav } from './lib/files';
import { refusal, UNREACHABLE } from './lib/guard';
import { CAMILLE, FATOU, LUC } from './lib/people';
import { hydrated, Person } from './lib/person';
import { holding, named } from './lib/words';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Counts what a page sends by a method. */
function sent(page: Page, method: string): { count: number; offsets: number[] } {
  const seen = { count: 0, offsets: [] as number[] };
  page.on('request', (request) => {
    if (request.method() !== method || !request.url().includes('/api/v1/uploads')) return;
    seen.count += 1;
    seen.offsets.push(Number(request.headers()['upload-offset'] ?? -1));
  });
  return seen;
}

/** The bytes behind a link. */
async function bytesOf(person: Person, name: string): Promise<Buffer> {
  const href = await download(person, name).getAttribute('href');
  const answer = await person.context.request.get(person.origin + href);
  expect(answer.status()).toBe(200);
  expect(answer.headers()['content-disposition']).toMatch(/^attachment/);
  return answer.body();
}

test('chosen, pasted and dropped files leave with one message, and the other one has them', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await luc.openConversation(CAMILLE);
  await camille.openConversation(LUC);
  const report = pdf('Rapport.pdf');

  await attach(camille).setInputFiles([report]);
  await expect(chips(camille)).toHaveCount(1);
  await expect(camille.page.getByText(/Au plus 10 fichiers, 25\sMo chacun/)).toBeVisible();
  await give(camille.page, 'paste', [png('image.png')]);
  await give(camille.page, 'drop', [png('plaie.png', 200, 300)]);
  await expect(chips(camille)).toHaveCount(3);
  await expect(chip(camille, 'capture-')).toHaveCount(1);
  await camille.write(LUC.name, 'Voici le tout.');

  await expect(chips(camille)).toHaveCount(0);
  for (const person of [camille, luc]) {
    const friend = person === camille ? LUC : CAMILLE;
    const bubble = person.message(friend.name, 'Voici le tout.');
    await expect(bubble).toHaveCount(1);
    await expect(bubble).toHaveAccessibleName(holding('pièce jointe Rapport.pdf'));
    await expect(bubble.getByRole('img', { name: /Photo envoyée par Dre Camille Tremblay/ })).toHaveCount(2);
  }
  expect(sha256(await bytesOf(luc, 'Rapport.pdf'))).toBe(sha256(report.buffer));
});

test('the room of a picture is known before it comes: nothing jumps', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  const conversation = await camille.openConversation(LUC);
  await attach(camille).setInputFiles([png('haute.png', 300, 900)]);
  await camille.write(LUC.name, 'En hauteur.');
  await expect(camille.message(LUC.name, 'En hauteur.')).toHaveAccessibleName(holding(camille.words.sentState));

  // Pictures wait until the page has been measured.
  let release = () => {};
  const held = new Promise<void>((done) => (release = done));
  await luc.page.route('**/thumbnail', async (route) => {
    await held;
    await route.continue();
  });
  await luc.open(`/messages/${conversation}`);
  await luc.page.locator('html[data-whole]').waitFor({ state: 'attached' });
  const picture = luc.message(CAMILLE.name, 'En hauteur.').getByRole('img');
  const before = await picture.boundingBox();
  release();
  await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth > 0)).toBe(true);
  expect(await picture.boundingBox()).toEqual(before);
});

test('ATT-01: what is not taken is told before a byte leaves, and the rest stays', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await luc.openConversation(CAMILLE);
  await camille.openConversation(LUC);
  const posts = sent(camille.page, 'PATCH');
  await camille.compose(LUC.name).fill('Gardez ceci.');

  await attach(camille).setInputFiles([
    { name: 'programme.exe', mimeType: 'application/octet-stream', buffer: Buffer.from('MZ') },
    { name: 'vide.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(0) },
    wav('long.wav', 25_000_001),
    pdf('Bon.pdf'),
  ]);

  await expect(chips(camille)).toHaveCount(4);
  await expect(chip(camille, 'programme.exe')).toContainText("Ce type de fichier n’est pas accepté");
  await expect(chip(camille, 'long.wav')).toContainText(/Le fichier dépasse 25\sMo/);
  await expect(chip(camille, 'vide.pdf').getByRole('alert')).toBeVisible();
  await expect(chip(camille, 'Bon.pdf')).toContainText('PDF');
  for (const name of ['programme.exe', 'vide.pdf', 'long.wav']) {
    await camille.button(`Retirer ${name}`).click();
  }
  expect(posts.count).toBe(1);
  await expect(camille.compose(LUC.name)).toHaveValue('Gardez ceci.');
  await camille.arrow.click();

  await expect(download(luc, 'Bon.pdf')).toHaveCount(1);
  await expect(chips(camille)).toHaveCount(0);
});

test('ATT-01: a file that lies about what it is is refused by name; taken out, the message leaves', async ({ enter, guard }) => {
  guard.announce(...refusal(422), ...refusal(415));
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await luc.openConversation(CAMILLE);
  await camille.openConversation(LUC);

  await attach(camille).setInputFiles([{ ...pdf('photo.jpg'), mimeType: 'image/jpeg' }, pdf('Bon.pdf')]);
  await camille.compose(LUC.name).fill('Un des deux.');
  await expect(camille.button('Réessayer photo.jpg')).toBeVisible();
  await camille.button('Retirer photo.jpg').click();
  await camille.arrow.click();

  const bubble = luc.message(CAMILLE.name, 'Un des deux.');
  await expect(bubble).toHaveAccessibleName(holding('pièce jointe Bon.pdf'));
  await expect(bubble).not.toHaveAccessibleName(holding('photo.jpg'));
});

for (const { name, viewport, touch } of [
  { name: 'a tablet', viewport: { width: 820, height: 1180 }, touch: true },
  { name: 'a desktop', viewport: { width: 1440, height: 900 }, touch: false },
]) {
  test(`ATT-06: on ${name}, of three files one fails; tried again it goes, and one message takes all three`, async ({ enter, visit, guard }) => {
    guard.announce(...refusal(422));
    const camille = await visit({ viewport, hasTouch: touch });
    await camille.signIn(CAMILLE);
    const luc = await enter(LUC);
    await luc.openConversation(CAMILLE);
    await camille.openConversation(LUC);
    // The server finds one of them damaged on its way, once.
    let isFirst = true;
    let failing = '';
    await camille.page.route('**/api/v1/attachments.begin_upload', async (route) => {
      const answer = await route.fetch();
      if (route.request().postData()?.includes('Deux.pdf') && failing === '') {
        failing = ((await answer.json()) as { upload: { id: string } }).upload.id;
      }
      await route.fulfill({ response: answer });
    });
    await camille.page.route('**/api/v1/attachments.finish_upload', async (route) => {
      if (isFirst && failing !== '' && route.request().postData()?.includes(failing)) {
        isFirst = false;
        return route.continue({ postData: JSON.stringify({ attachment: failing, sha256: '0'.repeat(64) }) });
      }
      return route.continue();
    });

    await attach(camille).setInputFiles([pdf('Un.pdf'), pdf('Deux.pdf'), png('trois.png')]);
    await expect(chip(camille, 'Deux.pdf')).toContainText('abîmé');
    await expect(chip(camille, 'Un.pdf')).toContainText('PDF');
    await camille.button('Réessayer Deux.pdf').click();
    await expect(chip(camille, 'Deux.pdf')).toContainText('PDF');
    await camille.write(LUC.name, 'Les trois.');

    const bubble = luc.message(CAMILLE.name, 'Les trois.');
    await expect(bubble).toHaveAccessibleName(holding('pièce jointe Un.pdf, pièce jointe Deux.pdf, une image'));
    await expect(bubble).toHaveCount(1);
  });
}

test('a drag shows where files would go, and the screen stays awake while they do', async ({ visit }) => {
  const camille = await visit();
  await camille.page.addInitScript(() => {
    const seen = { asked: 0, released: 0 };
    const lock = { request: async () => ((seen.asked += 1), { release: async () => void (seen.released += 1) }) };
    Object.defineProperty(navigator, 'wakeLock', { value: lock });
    Object.assign(window, { awake: seen });
  });
  await camille.signIn(CAMILLE);
  await camille.openConversation(LUC);
  const pane = camille.page.locator('.conversation');
  const drag = (kind: string) =>
    pane.evaluate((element, kind) => {
      const data = new DataTransfer();
      data.items.add(new File(['x'], 'a.txt', { type: 'text/plain' }));
      element.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
    }, kind);

  // The page listens once all of it is here.
  await expect(async () => {
    await drag('dragover');
    await expect(pane).toHaveClass(/is-dropping/, { timeout: 100 });
  }).toPass();
  await drag('dragleave');
  await expect(pane).not.toHaveClass(/is-dropping/);

  await attach(camille).setInputFiles([pdf('Nuit.pdf')]);
  await expect(chip(camille, 'Nuit.pdf')).toContainText('PDF');
  const awake = () => camille.page.evaluate(() => (window as unknown as { awake: object }).awake);
  await expect.poll(awake).toEqual({ asked: 1, released: 1 });
});

test('ATT-06: a page that dies half way: the next one goes on where the server is, and the sum is the same', async ({ enter, server, visit, guard }) => {
  guard.announce(...UNREACHABLE, /ERR_CONNECTION_FAILED/, /ERR_FAILED/);
  const cut = await Cut.before(server.port);
  try {
    const camille = await visit({}, cut.origin);
    await camille.signIn(CAMILLE);
    const luc = await enter(LUC);
    await luc.openConversation(CAMILLE);
    await camille.openConversation(LUC);
    await vaultIsOpen(camille.page);
    const sound = wav('Auscultation.wav', 3_000_000);
    // After three parts the line dies, once and for all.
    let parts = 0;
    await camille.page.route('**/api/v1/uploads/*', async (route) => {
      if (route.request().method() === 'PATCH' && ++parts > 3) return route.abort('connectionfailed');
      return route.continue();
    });
    await attach(camille).setInputFiles([sound]);
    await camille.write(LUC.name, 'Souffle au foyer mitral.');
    await expect(camille.message(LUC.name, 'Souffle')).toHaveAccessibleName(holding(camille.words.pending));
    await expect.poll(() => parts).toBeGreaterThan(3);
    await camille.page.close({ runBeforeUnload: false });

    const page = await camille.context.newPage();
    const onwards = sent(page, 'PATCH');
    const again = new Person(page, camille.context, camille.origin, true);
    await again.open('/accueil');

    const bubble = luc.message(CAMILLE.name, 'Souffle au foyer mitral.');
    await expect(bubble).toHaveCount(1, { timeout: 40_000 });
    expect(Math.min(...onwards.offsets)).toBeGreaterThanOrEqual(3 * 512 * 1024);
    expect(sha256(await bytesOf(luc, 'Auscultation.wav'))).toBe(sha256(sound.buffer));
    // Nothing of it stays on the device.
    await expect.poll(async () => (await records(page)).filter((id) => !id.startsWith('draft/'))).toEqual([]);
  } finally {
    await cut.close();
  }
});

test('ATT-06: chosen while the network is away, files wait in the box over a reload, and leave in their order', async ({ enter, server, visit, guard }) => {
  guard.announce(...UNREACHABLE);
  const cut = await Cut.before(server.port);
  try {
    const camille = await visit({}, cut.origin);
    await camille.signIn(CAMILLE);
    const luc = await enter(LUC);
    await luc.openConversation(CAMILLE);
    await camille.openConversation(LUC);
    await vaultIsOpen(camille.page);
    // The code that shows files is here from the first one on.
    await attach(camille).setInputFiles([pdf('Avant.pdf')]);
    await expect(chip(camille, 'Avant.pdf')).toContainText('PDF');

    cut.set('refuse');
    await attach(camille).setInputFiles([png('hors-ligne.png')]);
    await expect(chips(camille)).toHaveCount(2);
    await boxHolds(camille.page, 2);
    expect(await restingFiles(camille.page)).toHaveLength(2);
    cut.set('fine');
    await camille.page.reload();
    await hydrated(camille.page);
    await expect(chips(camille)).toHaveCount(2);

    cut.set('refuse');
    await camille.write(LUC.name, 'Premier, avec les fichiers.');
    await camille.write(LUC.name, 'Second, sans rien.');
    await expect(camille.message(LUC.name, 'Premier')).toHaveAccessibleName(holding(camille.words.pending));
    cut.set('fine');

    await expect(luc.message(CAMILLE.name, 'Second, sans rien.')).toHaveCount(1, { timeout: 40_000 });
    const items = await luc.history(CAMILLE.name).getByRole('listitem').allTextContents();
    const at = (words: string) => items.findIndex((item) => item.includes(words));
    expect(at('Premier, avec')).toBeGreaterThanOrEqual(0);
    expect(at('Premier, avec')).toBeLessThan(at('Second, sans'));
    await expect(download(luc, 'Avant.pdf')).toHaveCount(1);
  } finally {
    await cut.close();
  }
});

test('files that were chosen in the last moment are in the box when one comes back, and after a reload', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.openConversation(LUC);
  await vaultIsOpen(camille.page);

  await attach(camille).setInputFiles([png('un.png'), wav('deux.wav', 3_000_000)]);
  await camille.tab(camille.words.home).click();
  await camille.expectHome();
  await camille.page.goBack();

  await expect(chips(camille)).toHaveCount(2);
  await boxHolds(camille.page, 2);
  await camille.page.reload();
  await hydrated(camille.page);
  await expect(chips(camille)).toHaveCount(2);
});

test('a message with files that is taken back was seen by nobody, and its files are in the box again', async ({ enter }) => {
  const [camille, luc] = await both(enter, 'desktop');
  await attach(camille).setInputFiles([pdf('Mauvais.pdf'), png('mauvaise.png')]);
  await expect(chip(camille, 'Mauvais.pdf')).toContainText('PDF');
  await expect(chips(camille)).toHaveCount(2);
  await camille.write(LUC.name, 'Pour un autre.');
  await expect(camille.message(LUC.name, 'Pour un autre.')).toHaveAccessibleName(holding(camille.words.pending));

  await camille.button("Annuler l'envoi").click();

  await expect(camille.message(LUC.name, 'Pour un autre.')).toHaveCount(0);
  await expect(camille.compose(LUC.name)).toHaveValue('Pour un autre.');
  await expect(chip(camille, 'Mauvais.pdf')).toHaveCount(1);
  await camille.button('Retirer Mauvais.pdf').click();
  await camille.button('Retirer mauvaise.png').click();
  await camille.write(LUC.name, 'Rien à voir.');
  await expect(luc.message(CAMILLE.name, 'Rien à voir.')).toHaveCount(1);
  await expect(luc.history(CAMILLE.name).locator('[data-position]')).toHaveCount(1);
});

test('files go with the message that is deleted, stay with the one that is changed, and come with the one that is forwarded', async ({ enter }) => {
  const [camille, luc] = await both(enter, 'desktop');
  const fatou = await enter(FATOU);
  await fatou.openConversation(CAMILLE);
  const letter = pdf('Lettre.pdf');
  await attach(camille).setInputFiles([letter, png('plaie.png')]);
  await camille.write(LUC.name, 'A lire.');
  await expect(download(luc, 'Lettre.pdf')).toHaveCount(1);

  await act(camille, 'desktop', LUC.name, 'A lire.', 'Modifier');
  await camille.dialog.getByRole('textbox').fill('À lire.');
  await camille.dialog.getByRole('button', { name: named('Enregistrer') }).click();
  await expect(luc.message(CAMILLE.name, 'À lire.')).toHaveCount(1);
  await expect(download(luc, 'Lettre.pdf')).toHaveCount(1);

  await act(camille, 'desktop', LUC.name, 'À lire.', 'Transférer');
  await camille.dialog.getByRole('searchbox').fill('fatou');
  await camille.dialog.getByRole('button', { name: holding(FATOU.name) }).click();
  await camille.dialog.getByRole('button', { name: named(`Transférer à ${FATOU.name}`) }).click();
  await expect(fatou.message(CAMILLE.name, 'À lire.').getByRole('img', { name: /^Photo envoyée par/ })).toHaveCount(1);

  await act(camille, 'desktop', LUC.name, 'À lire.', 'Supprimer');
  await camille.dialog.getByRole('button', { name: named('Supprimer') }).click();
  for (const [person, friend] of [
    [camille, LUC],
    [luc, CAMILLE],
  ] as const) {
    await expect(person.message(friend.name, 'Message supprimé')).toHaveCount(1);
    await expect(download(person, 'Lettre.pdf')).toHaveCount(0);
    await expect(person.history(friend.name).locator('.picture')).toHaveCount(0);
  }
  expect(sha256(await bytesOf(fatou, 'Lettre.pdf'))).toBe(sha256(letter.buffer));
});

test('ATT-06: taken out of the box on its way, a file is gone from the server as well', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.openConversation(LUC);
  const begun = camille.page.waitForResponse((response) => response.url().endsWith('attachments.begin_upload'));
  let release = () => {};
  const held = new Promise<void>((done) => (release = done));
  await camille.page.route('**/api/v1/uploads/*', async (route) => {
    await held;
    await route.continue();
  });

  await attach(camille).setInputFiles([wav('Essai.wav', 2_000_000)]);
  const { upload } = (await (await begun).json()) as { upload: { id: string } };
  await expect(camille.page.getByRole('progressbar', { name: 'Téléversement de Essai.wav' })).toBeVisible();
  const discarded = camille.page.waitForResponse((response) => response.url().endsWith('attachments.discard_upload'));
  await camille.button('Retirer Essai.wav').click();
  await expect(chips(camille)).toHaveCount(0);
  release();

  expect((await discarded).status()).toBe(200);
  const asked = await camille.context.request.get(`${camille.origin}/api/v1/attachments.get_attachment?attachment=${upload.id}`);
  expect(asked.status()).toBe(404);
});

test('the viewer by keyboard: in, closer, onwards, out, and back where one was', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.openConversation(LUC);
  for (const [name, words] of [['une.png', 'La première.'], ['deux.png', 'La seconde.']] as const) {
    await attach(camille).setInputFiles([png(name, 800, 500)]);
    await camille.write(LUC.name, words);
    await expect(camille.message(LUC.name, words)).toHaveAccessibleName(holding(camille.words.sentState));
  }
  const first = camille.message(LUC.name, 'La première.').getByRole('link', { name: /^Agrandir/ });
  await first.focus();
  await camille.page.keyboard.press('Enter');

  const viewer = camille.page.getByRole('dialog', { name: /^Image 1 sur 2/ });
  await expect(viewer).toBeVisible();
  const picture = viewer.getByRole('img');
  await camille.page.keyboard.press('+');
  await expect(picture).toHaveAttribute('style', /scale\(1\.25\)/);
  await camille.page.keyboard.press('0');
  await expect(picture).toHaveAttribute('style', /scale\(1\)/);
  await camille.page.keyboard.press('ArrowRight');
  await expect(camille.page.getByRole('dialog', { name: /^Image 2 sur 2/ })).toBeVisible();
  await expect(camille.page.getByRole('link', { name: 'Télécharger deux.png' })).toBeVisible();
  await camille.page.keyboard.press('Escape');
  await expect(camille.page.getByRole('dialog')).toHaveCount(0);
  await expect(first).toBeFocused();
});

test('WEB-10: a name that tries to run is shown as a name', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await luc.openConversation(CAMILLE);
  await camille.openConversation(LUC);
  const name = `<img src=x onerror=document.title='couru'>.pdf`;

  // Before the page is whole the keys are the browser's.
  await camille.page.locator('html[data-whole]').waitFor({ state: 'attached' });
  const chooser = camille.page.waitForEvent('filechooser');
  await camille.compose(LUC.name).press('Control+u');
  await (await chooser).setFiles([pdf(name)]);
  await expect(chips(camille)).toHaveCount(1);
  await camille.write(LUC.name, 'Un drôle de nom.');

  const bubble = luc.message(CAMILLE.name, 'Un drôle de nom.');
  await expect(bubble).toHaveCount(1);
  await expect(bubble.locator('img[src="x"], img[onerror]')).toHaveCount(0);
  // One has it, one shows it.
  await expect(bubble.getByRole('link')).toHaveCount(2);
  expect(await luc.page.title()).not.toBe('couru');
});

test('the sender says what a picture shows, and the other one hears it', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await luc.openConversation(CAMILLE);
  await camille.openConversation(LUC);

  await attach(camille).setInputFiles([png('plaie.png')]);
  await camille.button('Décrire plaie.png').click();
  await camille.page.getByRole('textbox', { name: named("Ce que montre l'image") }).fill('Plaie au talon, bords nets');
  await camille.page.keyboard.press('Enter');
  await expect(camille.button('Changer la description de plaie.png')).toBeVisible();
  await camille.write(LUC.name, 'À surveiller.');

  await expect(luc.message(CAMILLE.name, 'À surveiller.')).toHaveAccessibleName(holding('image : Plaie au talon, bords nets'));
  await expect(luc.page.getByRole('img', { name: 'Plaie au talon, bords nets' })).toHaveCount(1);
});

test('ATT-04: without a script a form sends files, and the page links to them', async ({ enter, visit, guard }) => {
  guard.announce(...refusal(422));
  const luc = await enter(LUC);
  const camille = await visit({ javaScriptEnabled: false });
  await camille.signIn(CAMILLE);
  const conversation = await camille.openConversation(LUC);
  const report = pdf('Sans-script.pdf');

  await attach(camille).setInputFiles([report, png('image.png')]);
  await camille.compose(LUC.name).fill('Par le formulaire.');
  await camille.arrow.click();

  await expect(camille.message(LUC.name, 'Par le formulaire.')).toHaveCount(1);
  expect(sha256(await bytesOf(camille, 'Sans-script.pdf'))).toBe(sha256(report.buffer));
  await luc.open(`/messages/${conversation}`);
  await expect(luc.message(CAMILLE.name, 'Par le formulaire.').getByRole('img')).toHaveCount(1);

  await attach(camille).setInputFiles([{ ...pdf('photo.jpg'), mimeType: 'image/jpeg' }]);
  await camille.compose(LUC.name).fill('Celui-ci ment.');
  await camille.arrow.click();
  const refused = camille.page.getByRole('alert');
  await expect(refused).toContainText('choisissez-les de nouveau');
  await expect(camille.compose(LUC.name)).toHaveValue('Celui-ci ment.');

  // Files that were taken are not in the form either when the words are refused.
  await attach(camille).setInputFiles([pdf('Deux.pdf')]);
  await camille.compose(LUC.name).fill('a'.repeat(10_001));
  await camille.arrow.click();
  await expect(refused).toContainText('choisissez-les de nouveau');
  await camille.compose(LUC.name).fill('a'.repeat(10_001));
  await camille.arrow.click();
  await expect(refused).toBeVisible();
  await expect(refused).not.toContainText('choisissez-les de nouveau');
});
