// The own conversation as an archive: from the menu, with a script or without, whole and as it was written.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './lib/pli';
import { pdf } from './lib/files';
import { CAMILLE, LUC } from './lib/people';
import type { Person } from './lib/person';
import { unzip } from './lib/unzip';
import { named } from './lib/words';

const HOSTILE = '</p><script>document.title = "Pris"</script>';

/** Some messages with Luc, and one with a file. */
async function exchange(person: Person): Promise<string> {
  const conversation = await person.conversationWith(LUC);
  await person.sendByCall(conversation, 'L’INR de mardi est à 2,4.');
  await person.sendByCall(conversation, HOSTILE);
  const answer = await person.context.request.post(`${person.origin}/api/v1/attachments.upload_attachment`, {
    headers: { origin: person.origin },
    multipart: { conversation, key: crypto.randomUUID(), file: pdf('Bilan d’été.pdf') },
  });
  const { attachment } = (await answer.json()) as { attachment: { id: string } };
  await person.call('conversations.send_message', { conversation, key: crypto.randomUUID(), body: 'Voici', attachments: [attachment.id] });
  return conversation;
}

/** Exports from the page that is open. */
async function take(person: Person, form: RegExp): Promise<Map<string, Buffer>> {
  await person.page.getByRole('radio', { name: form }).check();
  const coming = person.page.waitForEvent('download');
  await person.button('Exporter').click();
  const download = await coming;
  expect(download.suggestedFilename()).toMatch(/^conversation-\d{4}-\d\d-\d\d\.zip$/);
  return unzip(readFileSync(await download.path()));
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'in a live page' : 'without a script';

  test(`EXP-01: a conversation is exported from its menu, whole (${how})`, async ({ enter }) => {
    const camille = await enter(CAMILLE, { javaScriptEnabled });
    const conversation = await exchange(camille);
    await camille.open(`/messages/${conversation}`);
    await camille.choose('Exporter la conversation');
    await expect(camille.heading('Exporter la conversation')).toBeVisible();
    await expect(camille.page).toHaveURL(`${camille.origin}/exporter/${conversation}`);

    const parts = await take(camille, /^Données/);

    const { messages, last_position: last } = await camille.read<{ messages: { position: number; body: string }[]; last_position: number }>(
      'conversations.read_timeline',
      { conversation, after: 0, limit: 200 },
    );
    const data = JSON.parse(parts.get('conversation.json')!.toString('utf8')) as { messages: { position: number; body: string }[]; last_position: number };
    expect(data.last_position).toBe(last);
    expect(data.messages.map(({ position, body }) => ({ position, body }))).toEqual(messages.map(({ position, body }) => ({ position, body })));
    const file = [...parts.keys()].find((name) => name.endsWith(' Bilan d’été.pdf'));
    expect(parts.get(file!)).toEqual(pdf('Bilan d’été.pdf').buffer);
    const manifest = JSON.parse(parts.get('manifest.json')!.toString('utf8')) as { files: { name: string; sha256: string }[] };
    expect(manifest.files.map(({ name }) => name)).toEqual([...parts.keys()].filter((name) => name !== 'manifest.json'));
    for (const { name, sha256 } of manifest.files) {
      expect(createHash('sha256').update(parts.get(name)!).digest('hex'), name).toBe(sha256);
    }
    // The page is still there, for the other form.
    await expect(camille.button('Exporter')).toBeVisible();
  });
}

test('EXP-01: the page of an export is read and printed by itself, and runs nothing', async ({ enter, guard }) => {
  // The page that was kept is opened from the disk.
  guard.announce(/^another host is asked: file:.*\/conversation\.html$/);
  const camille = await enter(CAMILLE);
  const conversation = await exchange(camille);
  await camille.open(`/exporter/${conversation}`);
  const report = await new AxeBuilder({ page: camille.page }).analyze();
  expect(report.violations).toEqual([]);
  const parts = await take(camille, /^Lisible/);
  const folder = mkdtempSync(join(tmpdir(), 'pli-export-'));
  writeFileSync(join(folder, 'conversation.html'), parts.get('conversation.html')!);

  const page = await camille.context.newPage();
  await page.goto(pathToFileURL(join(folder, 'conversation.html')).href);
  const title = `Conversation entre ${CAMILLE.name} et ${LUC.name}`;
  await expect(page.getByRole('heading', { level: 1, name: named(title) })).toBeVisible();
  await expect(page.getByText('L’INR de mardi est à 2,4.')).toBeVisible();
  await expect(page.getByText(HOSTILE)).toBeVisible();
  await expect(page).toHaveTitle(named(title));
  await expect(page.getByRole('link', { name: 'Bilan d’été.pdf' })).toHaveAttribute('href', /^fichiers\/\d{6}-1%20Bilan%20d%E2%80%99%C3%A9t%C3%A9\.pdf$/);
  expect((await page.pdf()).length).toBeGreaterThan(1_000);
  await page.close();
  rmSync(folder, { recursive: true });
});
