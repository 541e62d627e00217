// The server goes away in the middle of a conversation and comes back on the same data.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from './lib/pli';
import { refusal, UNREACHABLE } from './lib/guard';
import type { Persona } from './lib/people';
import type { Person } from './lib/person';
import { createAccount, freePort, Server } from './lib/server';
import { holding } from './lib/words';

const PASSWORD = 'un mot de passe assez long';
const MAUD: Persona = { name: 'Maud Lapointe', email: 'maud@clinique.example' };
const OMAR: Persona = { name: 'Omar Haddad', email: 'omar@clinique.example' };

test('A4 A11: killed and restarted while two people write: caught up, nothing lost, nothing twice', async ({ visit, guard }) => {
  guard.announce(...UNREACHABLE);
  const data = mkdtempSync(join(tmpdir(), 'pli-restart-'));
  for (const { name, email } of [MAUD, OMAR]) {
    createAccount(data, { name, email, profession: 'Infirmière', workplace: 'Clinique', password: PASSWORD });
  }
  const port = await freePort();
  let server = await Server.serve(data, port);
  try {
    const maud = await visit({}, server.origin);
    const omar = await visit({}, server.origin);
    await maud.signIn(MAUD, PASSWORD);
    await omar.signIn(OMAR, PASSWORD);
    await maud.call('friendships.send_friend_request', { account: await maud.idOf(OMAR) });
    await omar.call('friendships.accept_friend_request', { account: await omar.idOf(MAUD) });
    await maud.openConversation(OMAR);
    await omar.openConversation(MAUD);
    await maud.write(OMAR.name, 'Avant la panne');
    await expect(omar.message(MAUD.name, 'Avant la panne')).toBeVisible();

    await server.kill();
    await maud.write(OMAR.name, 'Pendant la panne');
    const bubble = maud.message(OMAR.name, 'Pendant la panne');
    await expect(bubble).toHaveAccessibleName(holding(maud.words.pending));
    await maud.compose(OMAR.name).fill('Toujours là');
    await expectToldOff(omar);

    server = await Server.serve(data, port);
    await expect(omar.message(MAUD.name, 'Pendant la panne')).toBeVisible({ timeout: 40_000 });
    await expect(bubble).not.toHaveAccessibleName(holding(maud.words.pending), { timeout: 40_000 });
    await expect(maud.compose(OMAR.name)).toHaveValue('Toujours là');
    await omar.write(MAUD.name, 'Après la panne');
    await expect(maud.message(OMAR.name, 'Après la panne')).toBeVisible({ timeout: 40_000 });

    for (const [person, friend] of [[maud, OMAR], [omar, MAUD]] as const) {
      for (const text of ['Avant la panne', 'Pendant la panne', 'Après la panne']) {
        await expect(person.message(friend.name, text)).toHaveCount(1);
      }
    }
  } finally {
    await server.kill();
    rmSync(data, { recursive: true });
  }
});

test('restored from a copy, a server tells another history: an open page reads all of it anew, and shows nothing that is gone', async ({ visit, guard }) => {
  test.slow();
  // The page may still acknowledge what this server has never told.
  guard.announce(...UNREACHABLE, ...refusal(422));
  const folder = mkdtempSync(join(tmpdir(), 'pli-restored-'));
  const [data, copy] = [join(folder, 'data'), join(folder, 'copy')];
  for (const { name, email } of [MAUD, OMAR]) {
    createAccount(data, { name, email, profession: 'Infirmière', workplace: 'Clinique', password: PASSWORD });
  }
  const port = await freePort();
  let server = await Server.serve(data, port);
  try {
    const maud = await visit({}, server.origin);
    const omar = await visit({}, server.origin);
    await maud.signIn(MAUD, PASSWORD);
    await omar.signIn(OMAR, PASSWORD);
    await maud.call('friendships.send_friend_request', { account: await maud.idOf(OMAR) });
    await omar.call('friendships.accept_friend_request', { account: await omar.idOf(MAUD) });
    const conversation = await maud.openConversation(OMAR);
    await maud.write(OMAR.name, 'Avant la copie');
    await expect(maud.message(OMAR.name, 'Avant la copie')).toHaveAccessibleName(holding(maud.words.sentState));
    await server.kill();
    cpSync(data, copy, { recursive: true });

    server = await Server.serve(data, port);
    for (const word of ['Perdu un', 'Perdu deux', 'Perdu trois']) await omar.sendByCall(conversation, word);
    await expect(maud.message(OMAR.name, 'Perdu')).toHaveCount(3, { timeout: 40_000 });
    await server.kill();
    rmSync(data, { recursive: true });
    cpSync(copy, data, { recursive: true });
    server = await Server.serve(data, port);

    await expect(maud.message(OMAR.name, 'Perdu')).toHaveCount(0, { timeout: 40_000 });
    await expect(maud.message(OMAR.name, 'Avant la copie')).toHaveCount(1);
    await expect(maud.page.locator('html[data-whole]')).toHaveCount(1, { timeout: 40_000 });
    await omar.sendByCall(conversation, 'Après la reprise');
    // A stream that stands still is noticed after 25 seconds, and may be opened anew after 30 more.
    await expect(maud.message(OMAR.name, 'Après la reprise')).toHaveCount(1, { timeout: 80_000 });
  } finally {
    await server.kill();
    rmSync(folder, { recursive: true });
  }
});

/** The page says by itself that it is reconnecting. */
async function expectToldOff(person: Person): Promise<void> {
  await expect(person.page.getByText(/Reconnexion/)).toBeVisible({ timeout: 20_000 });
}
