// Voice messages: recorded from a microphone that beeps, heard, recorded again, sent; played by the other one, faster; and all
// that may come between.
import AxeBuilder from '@axe-core/playwright';
import type { Locator } from '@playwright/test';
import { expect, test } from './lib/pli';
import { CHROMIUM_FLAGS, CHROMIUM_THAT_HEARS } from './lib/browser';
import { boxHolds, vaultIsOpen } from './lib/device';
import { attach, chip, chips, download, wav } from './lib/files';
import { CAMILLE, LUC, type Persona } from './lib/people';
import { hydrated, type Person } from './lib/person';
import { holding, named } from './lib/words';

// The browser's own microphone for tests. Whether it may be used is asked all the same.
test.use({ launchOptions: { executablePath: CHROMIUM_THAT_HEARS, args: [...CHROMIUM_FLAGS, '--use-fake-device-for-media-stream'] } });

const VOICE = 'Message vocal';

const panel = (person: Person): Locator => person.page.getByRole('region', { name: named(VOICE) });
const act = (person: Person, name: string): Locator => panel(person).getByRole('button', { name: named(name) });
const said = (person: Person): Locator => panel(person).getByRole('status').first();

/** The player in the newest bubble that has one. */
const player = (person: Person): Locator => person.page.locator('.message .player').last();
const play = (person: Person): Locator => player(person).getByRole('button', { name: /^(Écouter|Mettre en pause) / });
const slider = (person: Person): Locator => player(person).getByRole('slider');

const allow = (person: Person) => person.context.grantPermissions(['microphone'], { origin: person.origin });

/** What is not granted by name is refused. */
const refuse = (person: Person) => person.context.grantPermissions([], { origin: person.origin });

/** Records until the clock of the panel says so. */
async function record(person: Person, name = 'Enregistrer', until = '0:01'): Promise<void> {
  await act(person, name).click();
  await expect(panel(person).getByRole('timer')).toContainText(`${until} / 5:00`);
  await act(person, 'Arrêter').click();
  await expect(said(person)).toContainText(/Enregistré/);
}

/** What a page does with sounds: how fast each was played, how many bytes were decoded, which files were asked for. */
interface Noted {
  rates: number[];
  decoded: number[];
  fetched: string[];
  /** Whether the line is slow: then each file waits to be let through. */
  isSlow: boolean;
  waiting: Record<string, () => void>;
}

async function noteSounds(person: Person): Promise<void> {
  await person.page.addInitScript(() => {
    const noted: Noted = { rates: [], decoded: [], fetched: [], isSlow: false, waiting: {} };
    Object.assign(window, { noted });
    const { play } = HTMLMediaElement.prototype;
    HTMLMediaElement.prototype.play = function (this: HTMLMediaElement) {
      this.addEventListener('ended', () => noted.rates.push(this.playbackRate), { once: true });
      return play.call(this);
    };
    const { decodeAudioData } = BaseAudioContext.prototype;
    BaseAudioContext.prototype.decodeAudioData = function (this: BaseAudioContext, bytes: ArrayBuffer) {
      noted.decoded.push(bytes.byteLength);
      return decodeAudioData.call(this, bytes);
    };
    const ask = window.fetch.bind(window);
    window.fetch = async (...asked: Parameters<typeof fetch>) => {
      const address = String(asked[0]);
      if (address.includes('/attachments/')) {
        noted.fetched.push(address);
        if (noted.isSlow) await new Promise<void>((through) => (noted.waiting[address] = through));
      }
      return ask(...asked);
    };
  });
}

const noted = <T>(person: Person, what: (noted: Noted) => T): Promise<T> =>
  person.page.evaluate(`(${what})(window.noted)`) as Promise<T>;

/** Lets a file through to somebody whose line is slow. */
async function letThrough(person: Person, name: string): Promise<void> {
  const link = download(person, name);
  await person.page.locator('.sound', { has: link }).locator('.player').scrollIntoViewIfNeeded();
  const address = (await link.getAttribute('href'))!;
  await person.page.waitForFunction((address) => {
    const through = (window as unknown as { noted: Noted }).noted.waiting[address];
    through?.();
    return Boolean(through);
  }, address);
}

const heard = (person: Person) => noted(person, ({ rates }) => rates);

async function two(enter: (persona: Persona) => Promise<Person>): Promise<[Person, Person]> {
  const [camille, luc] = [await enter(CAMILLE), await enter(LUC)];
  await noteSounds(camille);
  await noteSounds(luc);
  await allow(camille);
  await luc.openConversation(CAMILLE);
  await camille.openConversation(LUC);
  return [camille, luc];
}

test('recorded, heard, recorded again, sent: the other one hears it at twice the speed, and the speed stays', async ({ enter }) => {
  const [camille, luc] = await two(enter);

  await camille.button(VOICE).click();
  await expect(said(camille)).toContainText('Au plus 5 minutes');
  await record(camille);
  await expect(panel(camille).getByRole('slider')).toHaveAttribute('aria-valuetext', /^0\ss sur [12]\ss$/);
  await act(camille, "Écouter l'enregistrement").click();
  await expect.poll(() => heard(camille)).toEqual([1]);
  await record(camille, 'Refaire', '0:02');
  // Pressed twice, it is attached once.
  await act(camille, 'Joindre au message').evaluate((button: HTMLElement) => {
    button.click();
    button.click();
  });
  await expect(panel(camille)).toHaveCount(0);
  await expect(chip(camille, VOICE)).toContainText('Son');
  await expect(camille.arrow).toBeFocused();
  await camille.page.keyboard.press('Enter');

  await expect(chips(camille)).toHaveCount(0);
  await expect(download(luc, VOICE)).toHaveCount(1);
  await expect(slider(luc)).toHaveAttribute('aria-valuetext', /^0\ss sur [123]\ss$/);
  for (const speed of ['1×', '1,25×', '1,5×']) {
    await player(luc).getByRole('button', { name: named(`Vitesse : ${speed}`) }).click();
  }
  await play(luc).click();
  await expect.poll(() => heard(luc)).toEqual([2]);
  await luc.page.reload();
  await hydrated(luc.page);
  await expect(player(luc).getByRole('button', { name: named('Vitesse : 2×') })).toBeVisible();
});

test('a refused microphone is told in words, and nothing else has changed; allowed, it records', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await refuse(camille);
  await camille.openConversation(LUC);
  await camille.compose(LUC.name).fill('Gardez ceci.');

  await camille.button(VOICE).click();
  await act(camille, 'Enregistrer').click();
  await expect(said(camille)).toHaveText(holding("Le micro est refusé à Pli"));
  await expect(camille.compose(LUC.name)).toHaveValue('Gardez ceci.');
  await allow(camille);
  await record(camille, 'Réessayer');

  await act(camille, 'Supprimer').click();
  await expect(said(camille)).toContainText('Au plus 5 minutes');
  await act(camille, 'Fermer').click();
  await expect(panel(camille)).toHaveCount(0);
  await expect(camille.button(VOICE)).toBeFocused();
});

test('out of sight a recording waits, and goes on; a microphone that is pulled ends it: all that was said is kept', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.page.addInitScript(() => {
    const { mediaDevices } = navigator;
    const ask = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (wish) => {
      const stream = await ask(wish);
      const mute = (value: boolean) => stream.getTracks().forEach((track) => Object.defineProperty(track, 'muted', { configurable: true, value }));
      Object.assign(window, { mute, pull: () => stream.getTracks().forEach((track) => (track.stop(), track.dispatchEvent(new Event('ended')))) });
      return stream;
    };
    // What was said is kept before anything is known of it, and its length needs no decoding.
    BaseAudioContext.prototype.decodeAudioData = () => new Promise(() => {});
  });
  await allow(camille);
  await camille.openConversation(LUC);
  const timer = panel(camille).getByRole('timer');
  await camille.button(VOICE).click();
  await act(camille, 'Enregistrer').click();
  await expect(timer).toContainText('0:01');

  await camille.page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
    document.dispatchEvent(new Event('visibilitychange'));
    delete (document as { hidden?: boolean }).hidden;
  });
  await expect(said(camille)).toHaveText(holding("l'enregistrement attend"));
  const mute = (does: boolean) => camille.page.evaluate((does) => (window as unknown as { mute: (does: boolean) => void }).mute(does), does);
  await mute(true);
  await act(camille, 'Reprendre').click();
  await expect(said(camille)).toHaveText(holding('Autre chose a pris le micro'));
  await mute(false);
  await act(camille, 'Reprendre').click();
  await expect(timer).toContainText('0:02');
  await camille.page.evaluate(() => (window as unknown as { pull: () => void }).pull());

  await expect(said(camille)).toHaveText(holding("Le micro n'est plus là"));
  await expect(panel(camille).getByRole('slider')).toHaveAttribute('aria-valuetext', /sur [123]\ss$/);
  await act(camille, 'Joindre au message').click();
  await expect(chip(camille, VOICE)).toHaveCount(1);
});

test('left for another page, a recording ends and waits there; attached, it survives a reload', async ({ enter }) => {
  const [camille, luc] = await two(enter);
  await vaultIsOpen(camille.page);
  await camille.button(VOICE).click();
  await act(camille, 'Enregistrer').click();
  await expect(panel(camille).getByRole('timer')).toContainText('0:01');

  await camille.tab(camille.words.network).click();
  await expect(camille.heading(camille.words.network)).toBeVisible();
  await camille.page.goBack();
  await expect(said(camille)).toContainText('Enregistré');
  await act(camille, 'Joindre au message').click();
  await expect(chip(camille, VOICE)).toContainText('Son');
  await boxHolds(camille.page, 1);
  await camille.page.reload();
  await hydrated(camille.page);
  await expect(chip(camille, VOICE)).toHaveCount(1);
  await camille.write(LUC.name, 'Écoutez ceci.');

  await expect(luc.message(CAMILLE.name, 'Écoutez ceci.')).toHaveAccessibleName(holding(`pièce jointe ${VOICE}`));
});

test('after five minutes, or two of waiting, a recording stops by itself, and is kept; signing out names it, once', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.page.clock.install();
  await allow(camille);
  await camille.openConversation(LUC);
  await camille.button(VOICE).click();
  await act(camille, 'Enregistrer').click();
  await expect(panel(camille).getByRole('timer')).toContainText('0:01');

  await act(camille, 'Pause').click();
  await expect(said(camille)).toHaveText(holding('En pause'));
  await camille.page.clock.fastForward('02:00');
  await expect(said(camille)).toHaveText(holding("Après 2 minutes d'attente"));
  await act(camille, 'Refaire').click();
  await expect(panel(camille).getByRole('timer')).toContainText('0:01');
  await camille.page.clock.fastForward('05:00');

  await expect(said(camille)).toHaveText(holding('Les 5 minutes sont atteintes'));
  await expect(act(camille, 'Joindre au message')).toBeVisible();

  const asked: string[] = [];
  camille.page.on('dialog', (dialog) => {
    asked.push(dialog.type());
    void dialog.accept();
  });
  await vaultIsOpen(camille.page);
  await camille.page.locator('.main-nav a[href="/parametres"]').click();
  await camille.button(camille.words.signOut).first().click();
  await expect(camille.dialog).toContainText(/1 message vocal enregistré/);
  await expect(camille.dialog.getByRole('button', { name: named("Envoyer d'abord") })).toBeDisabled();
  await camille.dialog.getByRole('button', { name: named('Se déconnecter et supprimer') }).click();
  await expect(camille.button(camille.words.signIn)).toBeVisible();
  // The browser has nothing left to ask.
  expect(asked).toEqual([]);
});

test('any sound is played by keyboard, one at a time, and decoded if it is short; panel and player have no flaw for who cannot see them', async ({ enter }) => {
  const [camille, luc] = await two(enter);
  const broken = wav('casse.wav', 4_000);
  // A format that there is not.
  broken.buffer.writeUInt16LE(0x7fff, 20);
  await noted(luc, (noted) => void (noted.isSlow = true));
  // All three are small enough to be brought when they are seen.
  await attach(camille).setInputFiles([broken, wav('un.wav', 2_450_000, 4_000), wav('deux.wav', 160_000)]);
  await expect(chips(camille)).toHaveCount(3);
  await camille.write(LUC.name, 'Voici trois sons.');
  await expect(luc.message(CAMILLE.name, 'Voici trois sons.')).toHaveCount(1);
  await luc.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());

  await letThrough(luc, 'casse.wav');
  await expect(luc.page.getByText('Ce navigateur ne lit pas ce son')).toBeVisible();
  await luc.button('Écouter casse.wav').click();
  await letThrough(luc, 'deux.wav');
  await expect(slider(luc)).toHaveAttribute('aria-valuetext', /^0\ss sur 19\ss$/);
  await luc.button('Écouter un.wav').click();
  await play(luc).focus();
  await luc.page.keyboard.press('Enter');
  await expect(play(luc)).toHaveAccessibleName(named('Mettre en pause deux.wav'));
  await letThrough(luc, 'un.wav');
  const long = luc.page.getByRole('slider', { name: named('Position dans un.wav') });
  await expect(long).toBeEnabled();
  await expect(long).toHaveAttribute('aria-valuetext', /^0\ss sur 10\smin 12\ss$/);
  await expect(luc.button('Écouter un.wav')).toBeVisible();
  await expect(play(luc)).toHaveAccessibleName(named('Mettre en pause deux.wav'));
  await luc.page.keyboard.press('Tab');
  await expect(slider(luc)).toBeFocused();
  await luc.page.keyboard.press('ArrowRight');
  await luc.page.keyboard.press('ArrowRight');
  await expect(slider(luc)).toHaveAttribute('aria-valuetext', /^1[0-9]\ss sur 19\ss$/);
  await luc.button('Écouter un.wav').click();
  await expect(play(luc)).toHaveAccessibleName(named('Écouter deux.wav'));

  await camille.button(VOICE).click();
  for (const person of [camille, luc]) {
    const { violations } = await new AxeBuilder({ page: person.page }).analyze();
    expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))).toEqual([]);
  }
  // Neither what is long nor what cannot be played; and each was asked for once.
  expect(await noted(luc, ({ decoded }) => decoded)).toEqual([160_000]);
  expect(await noted(luc, ({ fetched }) => fetched.length)).toBe(3);
});

test('ATT-04: without a script a voice message is a file to have', async ({ enter, visit }) => {
  const [camille] = await two(enter);
  await camille.button(VOICE).click();
  await record(camille);
  await act(camille, 'Joindre au message').click();
  await camille.write(LUC.name, 'Sans script.');
  await expect(camille.message(LUC.name, 'Sans script.')).not.toHaveAccessibleName(holding(camille.words.pending));

  const luc = await visit({ javaScriptEnabled: false });
  await luc.signIn(LUC);
  await luc.openConversation(CAMILLE);
  const href = await download(luc, VOICE).getAttribute('href');
  const answer = await luc.context.request.get(luc.origin + href);

  expect(answer.headers()['content-type']).toBe('audio/webm');
  expect(answer.headers()['content-disposition']).toMatch(/^attachment/);
  await expect(luc.button(VOICE)).toHaveCount(0);
  await expect(luc.page.locator('.player')).toHaveCount(0);
});
