// A page of another site, open in the same browser: it cannot tell whether somebody is signed in here.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from './lib/pli';
import { ANNE, CAMILLE, NADIA } from './lib/people';
import type { Person } from './lib/person';

/** What another site's page can notice about an address of ours, by every way that it has of asking. */
async function noticed(person: Person, elsewhere: string, address: string): Promise<string[]> {
  const page = await person.context.newPage();
  await page.goto(elsewhere);
  const found = await page.evaluate(async (wanted) => {
    const within = <T>(asked: Promise<T>, otherwise: T) =>
      Promise.race([asked, new Promise<T>((done) => setTimeout(() => done(otherwise), 4_000))]);
    const element = (tag: 'img' | 'script' | 'link' | 'iframe' | 'object' | 'video') =>
      within(
        new Promise<string>((done) => {
          const node = document.createElement(tag);
          node.addEventListener('load', () => {
            const { width, height } = node as HTMLImageElement;
            done(`${tag}: load ${tag === 'img' ? `${width}x${height}` : ''}`);
          });
          node.addEventListener('error', () => done(`${tag}: error`));
          if (node instanceof HTMLLinkElement) {
            node.rel = 'stylesheet';
            node.href = wanted;
          } else if (node instanceof HTMLObjectElement) node.data = wanted;
          else (node as HTMLImageElement).src = wanted;
          document.body.append(node);
        }),
        `${tag}: silence`,
      );
    const fetched = async (mode: RequestMode, redirect: RequestRedirect) => {
      try {
        const answer = await fetch(wanted, { mode, redirect, credentials: 'include' });
        return `${mode} ${redirect}: ${answer.type} ${answer.status} ${answer.redirected} ${(await answer.text()).length}`;
      } catch (error) {
        return `${mode} ${redirect}: ${String(error)}`;
      }
    };
    const all: string[] = [];
    for (const tag of ['img', 'script', 'link', 'iframe', 'object', 'video'] as const) all.push(await element(tag));
    for (const mode of ['cors', 'no-cors'] as const) for (const redirect of ['follow', 'manual'] as const) all.push(await fetched(mode, redirect));
    all.push(`frames ${[...Array(frames.length).keys()].map((at) => frames[at]?.length ?? -1).join(',')}`);
    all.push(`timings ${performance.getEntriesByName(wanted).map((entry) => (entry as PerformanceResourceTiming).transferSize).join(',')}`);
    return all;
  }, address);
  // A window that was opened from there.
  const [opened] = await Promise.all([
    person.context.waitForEvent('page'),
    page.evaluate((wanted) => {
      (globalThis as unknown as { other: Window | null }).other = window.open(wanted);
    }, address),
  ]);
  await opened.waitForLoadState();
  // The tie between the two windows is cut a moment after the answer has come.
  const isCut = () => (globalThis as unknown as { other: Window | null }).other?.closed !== false;
  await page.waitForFunction(isCut, undefined, { timeout: 5_000 }).catch(() => undefined);
  const seen = await page.evaluate(() => {
    const { other } = globalThis as unknown as { other: Window | null };
    return `window: ${other === null ? 'none' : `closed ${other.closed}, frames ${other.closed ? '-' : other.length}`}`;
  });
  await opened.close();
  await page.close();
  return [...found, seen];
}

test('AZ-11: no page of another site learns whether somebody is signed in', async ({ visit, enter, guard }) => {
  test.slow();
  // Whatever the strange page asks is refused in some way, and the browser says so.
  guard.announce(/./);
  const server = createServer((_, answer) => {
    answer.setHeader('content-type', 'text/html');
    answer.end('<!doctype html><title>Ailleurs</title><body>');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  try {
    // The same machine by another name is another site.
    const elsewhere = `http://localhost:${(server.address() as AddressInfo).port}/`;
    const [camille, nobody] = [await enter(CAMILLE), await visit()];
    const conversation = await camille.conversationWith(ANNE);
    await camille.open('/accueil');
    await nobody.page.goto(`${nobody.origin}/connexion`);
    for (const path of ['/accueil', `/messages/${conversation}`, '/api/v1/accounts.get_me', '/api/v1/events', '/api/v1/nowhere']) {
      const signedIn = await noticed(camille, elsewhere, camille.origin + path);
      const signedOut = await noticed(nobody, elsewhere, nobody.origin + path);
      expect(signedIn, path).toEqual(signedOut);
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('PRV-02: addresses hold ids alone, titles name nobody, and one that tells more is noticed', async ({ enter, guard }) => {
  const camille = await enter(CAMILLE);
  await camille.open('/reseau');
  await camille.find('belkacem');
  await camille.page.getByRole('link', { name: /Nadia Belkacem/ }).filter({ visible: true }).first().click();
  await camille.heading(NADIA.name).waitFor();
  await guard.checkTitle(camille.page);
  await camille.openConversation(ANNE);
  await guard.checkTitle(camille.page);
  expect(guard.unexpected()).toEqual([]);

  await camille.page.goto(`${camille.origin}/reseau?q=cote`);
  await camille.page.goto(`${camille.origin}/reseau/Marc%20C%C3%B4t%C3%A9`);

  const noticed = guard.unexpected().filter((complaint) => complaint.startsWith('an address tells'));
  for (const told of ['the path', 'cote']) expect(noticed.some((complaint) => complaint.startsWith(`an address tells ${told}`)), told).toBe(true);
  guard.announce(/./);
});
