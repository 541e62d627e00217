// The network is cut outside the browser while somebody writes, sends and reloads on two devices: nothing is lost, nothing
// stands twice, and the state shown is true at every step. PLI_CUTS says how many cuts, a dozen unless told; PLI_CUTS_FROM
// with which number they begin, so that a long run can be had in pieces.
import { expect, test } from './lib/pli';
import { Cut, type Weather } from './lib/cut';
import { expectKept, records, vaultIsOpen } from './lib/device';
import { UNREACHABLE } from './lib/guard';
import { CAMILLE, LUC } from './lib/people';
import { hydrated, type Person } from './lib/person';

const N_CUTS = Number(process.env.PLI_CUTS ?? 12);
const FIRST = Number(process.env.PLI_CUTS_FROM ?? 0);
const PAGE = 200;

/** What a cut is made of, by its number: always the same, so that a failure comes back. */
function script(number: number): { weather: Weather | 'tear' | 'tear-after'; n_messages: number; reloads: 'before' | 'during' | 'never'; bytes: number } {
  const weathers = ['refuse', 'stall', 'deaf', 'tear', 'tear-after'] as const;
  return {
    weather: weathers[number % weathers.length]!,
    n_messages: 1 + (number % 3),
    reloads: (['never', 'during', 'before'] as const)[Math.floor(number / weathers.length) % 3]!,
    bytes: (number * 97) % 1500,
  };
}

test(`REL-25: ${N_CUTS} cuts from ${FIRST}: 0 lost, 0 doubled, the state shown is true at every step`, async ({ server, visit, enter, guard }) => {
  test.setTimeout(60_000 + N_CUTS * 30_000);
  guard.announce(...UNREACHABLE, /ERR_/, /status 50\d/, /Failed to load resource/, /net::/);
  const cuts = [await Cut.before(server.port), await Cut.before(server.port)] as const;
  try {
    const truth = await enter(CAMILLE);
    const conversation = await truth.conversationWith(LUC);
    const devices: Person[] = [];
    for (const cut of cuts) {
      const device = await visit({}, cut.origin);
      await device.signIn(CAMILLE);
      await device.open(`/messages/${conversation}`);
      // Before its vault is open a page can keep nothing, and says so when it is left.
      await vaultIsOpen(device.page);
      devices.push(device);
    }
    const written: string[] = [];
    for (let number = FIRST; number < FIRST + N_CUTS; number++) {
      const at = number % 2;
      const [device, cut] = [devices[at]!, cuts[at]!];
      const { weather, n_messages, reloads, bytes } = script(number);
      await test.step(`cut ${number}: ${weather}, ${n_messages} messages, reload ${reloads}`, async () => {
        const words = Array.from({ length: n_messages }, (_, index) => `coupure ${number}.${index};`);
        if (weather === 'tear') cut.tear();
        else if (weather === 'tear-after') cut.tearAfter(bytes);
        else cut.set(weather);
        for (const word of words) {
          await device.write(LUC.name, word);
          written.push(word);
          await expect(device.message(LUC.name, word)).toHaveCount(1);
          await expectTruth(device, truth, conversation, word);
        }
        // What is being written while the network is away stays as well; at the pace of fast fingers.
        const begun = `brouillon ${number}`;
        await device.compose(LUC.name).pressSequentially(begun, { delay: 40 });
        if (reloads === 'during') {
          await expectSafe(device, truth, conversation, words);
          await reload(device, cut, conversation);
        }
        cut.set('fine');
        if (reloads === 'before') await reload(device, cut, conversation);
        for (const word of words) {
          await expect(device.message(LUC.name, word)).toHaveAccessibleName(new RegExp(`${device.words.sentState}|remis|lu`), { timeout: 30_000 });
          await expectTruth(device, truth, conversation, word);
        }
        await expect(device.compose(LUC.name)).toHaveValue(begun);
        await expect.poll(() => draftOf(truth, conversation), { timeout: 30_000 }).toBe(begun);
        // The device knows that it is there.
        await expect.poll(() => records(device.page), { timeout: 30_000 }).toEqual([]);
        await device.compose(LUC.name).fill('');
        // Two devices that write at once keep both drafts: the next one begins when this one has done.
        await expect.poll(() => draftOf(truth, conversation), { timeout: 30_000 }).toBe('');
        await expectKept(device.page, 0);
        // The person's other device shows the same, once each.
        for (const word of words) await expect(devices[1 - at]!.message(LUC.name, word)).toHaveCount(1, { timeout: 30_000 });
      });
    }
    // As the server has it, and as each device shows it.
    const found = count(await allOf(truth, conversation), written);
    console.log(`  ${N_CUTS} cuts from ${FIRST}: ${written.length} messages,`, found);
    expect(found).toEqual({ lost: 0, doubled: 0, outOfOrder: 0 });
    for (const device of devices) {
      for (const word of written.slice(-20)) await expect(device.message(LUC.name, word)).toHaveCount(1, { timeout: 30_000 });
    }
  } finally {
    await Promise.all(cuts.map((cut) => cut.close()));
  }
});

test('planted: a page that believes what no server said, and one that sends under a new key each time, are caught', async ({ enter, guard }) => {
  guard.announce(...UNREACHABLE);
  const truth = await enter(CAMILLE);
  const device = await enter(CAMILLE);
  const conversation = await truth.openConversation(LUC);
  await device.open(`/messages/${conversation}`);
  await device.page.route('**/api/v1/conversations.send_message', async (route) => {
    const { body, key } = route.request().postDataJSON() as { body: string; key: string };
    if (body.startsWith('coupure 0')) {
      const message = { id: crypto.randomUUID(), position: 1, author: crypto.randomUUID(), body, sent_at: 1, key };
      return route.fulfill({ status: 200, contentType: 'application/json', body: JSON.stringify({ message }) });
    }
    await truth.sendByCall(conversation, body);
    return route.continue();
  });

  await device.write(LUC.name, 'coupure 0;');
  await expect(device.message(LUC.name, 'coupure 0;')).toHaveAccessibleName(new RegExp(device.words.sentState));
  await expect(expectTruth(device, truth, conversation, 'coupure 0;')).rejects.toThrow('is shown as sent');
  await device.write(LUC.name, 'coupure 1;');
  await expect.poll(async () => count(await allOf(truth, conversation), ['coupure 0;', 'coupure 1;'])).toEqual({ lost: 1, doubled: 1, outOfOrder: 0 });
  expect(count(['coupure 1;', 'coupure 0;'], ['coupure 0;', 'coupure 1;'])).toEqual({ lost: 0, doubled: 0, outOfOrder: 1 });
});

/** What is wrong with what the server has, beside what was written. */
function count(all: string[], written: string[]): { lost: number; doubled: number; outOfOrder: number } {
  const said = all.filter((body) => body.startsWith('coupure'));
  const places = said.map((body) => written.indexOf(body));
  return {
    lost: written.filter((body) => !said.includes(body)).length,
    doubled: said.length - new Set(said).size,
    outOfOrder: places.filter((place, at) => at > 0 && place < places[at - 1]!).length,
  };
}

/** Everything that the server has, in its order. */
async function allOf(person: Person, conversation: string): Promise<string[]> {
  const bodies: string[] = [];
  for (let after = 0; ; ) {
    const { messages } = await person.read<{ messages: { body: string; position: number }[] }>('conversations.read_timeline', { conversation, after, limit: PAGE });
    if (messages.length === 0) return bodies;
    bodies.push(...messages.map(({ body }) => body));
    after = messages.at(-1)!.position;
  }
}

/** The draft that the server has. */
async function draftOf(person: Person, id: string): Promise<string> {
  const { conversation } = await person.read<{ conversation: { draft?: string } }>('conversations.get_conversation', { conversation: id });
  return conversation.draft ?? '';
}

/** What is shown as sent is on the server: the screen is read first, for the server only ever gains. */
async function expectTruth(device: Person, truth: Person, conversation: string, word: string): Promise<void> {
  const name = await device.message(LUC.name, word).first().getAttribute('aria-label');
  if (!new RegExp(`${device.words.sentState}|remis|lu`).test(name?.split(word).at(-1) ?? '')) return;
  expect(await allOf(truth, conversation), `${word} is shown as sent`).toContain(word);
}

/** Each word is on the server or rests on the device: from here on the page may go. */
async function expectSafe(device: Person, truth: Person, conversation: string, words: string[]): Promise<void> {
  await expect
    .poll(async () => {
      const said = await allOf(truth, conversation);
      const n_missing = words.filter((word) => !said.includes(word)).length;
      const n_kept = await device.page.evaluate(async () => {
        for (const { name } of await indexedDB.databases()) {
          if (!name?.startsWith('pli-')) continue;
          const db = await new Promise<IDBDatabase>((done) => {
            const opening = indexedDB.open(name);
            opening.onsuccess = () => done(opening.result);
          });
          const count = await new Promise<number>((done) => {
            const asking = db.transaction('records').objectStore('records').count(IDBKeyRange.bound('message/', 'message0'));
            asking.onsuccess = () => done(asking.result);
          });
          db.close();
          return count;
        }
        return 0;
      });
      return n_kept >= n_missing;
    })
    .toBe(true);
}

/** The person reloads until there is a page: without a network a browser, or the worker, shows something else. */
async function reload(device: Person, cut: Cut, conversation: string): Promise<void> {
  await device.page.goto(`${cut.origin}/messages/${conversation}`, { timeout: 3_000, waitUntil: 'commit' }).catch(() => {});
  cut.set('fine');
  await expect(async () => {
    await device.page.goto(`${cut.origin}/messages/${conversation}`, { timeout: 10_000 });
    await hydrated(device.page);
    await device.compose(LUC.name).waitFor({ timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
}
