// What a person waits for, measured in the browser: Lighthouse, and a slow tablet on a slow line.
// By `cargo xtask bench`: figures belong to benchmarks, a test never waits for a clock.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import lighthouse from 'lighthouse';
import { chromium } from '@playwright/test';
import { test } from './lib/pli';
import { CHROMIUM, CHROMIUM_FLAGS, SIZES } from './lib/browser';
import { ANNE, CAMILLE } from './lib/people';
import { Person } from './lib/person';
import { freePort } from './lib/server';

const REPORT = resolve(import.meta.dirname, process.env.PLI_FIGURES ?? '../../target/figures.json');
const RUNS = 5;
// One run in four meets the machine in a bad moment: the middle one counts, as Lighthouse advises.
const AUDITS = 3;

/** 1.6 Mbit/s, 150 ms, a CPU four times slower: a clinic's tablet. */
const SLOW_LINE = { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 };
const SLOW_CPU = { rate: 4 };

type Audit = NonNullable<Awaited<ReturnType<typeof lighthouse>>>['lhr'];
type Figures = Record<string, Record<string, number>>;

const figures: { lighthouse: Figures; slow: Figures; guard: Figures } = { lighthouse: {}, slow: {}, guard: {} };

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

test('figures', async ({ server, enter }) => {
  const port = await freePort();
  // A device where most of our people live: elsewhere, only the very first page is drawn for another zone.
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [...CHROMIUM_FLAGS, `--remote-debugging-port=${port}`],
    env: { ...process.env, TZ: 'America/Toronto' },
  });
  const camille = await enter(CAMILLE, { viewport: SIZES.tablet });
  const conversation = await camille.conversationWith(ANNE);
  // Lighthouse opens its pages in the browser's own context, and empties it.
  const session = await browser.newBrowserCDPSession();
  const cookies = (await camille.context.cookies()).map(({ name, value }) => ({ name, value, url: server.origin }));
  const pages = { '/accueil': '/accueil', '/reseau': '/reseau', '/messages': `/messages/${conversation}` };

  for (const [name, path] of Object.entries(pages)) {
    const reports: Audit[] = [];
    for (let run = 0; run < AUDITS; run++) {
      await session.send('Storage.setCookies', { cookies });
      const result = await lighthouse(server.origin + path, {
        port,
        output: 'json',
        logLevel: 'error',
        onlyCategories: ['performance', 'accessibility', 'best-practices'],
      });
      if (!result) throw new Error(`no report for ${path}`);
      if (result.lhr.finalDisplayedUrl !== server.origin + path) throw new Error(`${path} led to ${result.lhr.finalDisplayedUrl}`);
      reports.push(result.lhr);
    }
    const score = ({ categories }: Audit): number => categories['performance']?.score ?? 0;
    const middle = reports.sort((a, b) => score(a) - score(b))[Math.floor(AUDITS / 2)];
    if (!middle) throw new Error('no audit');
    const { categories, audits } = middle;
    figures.lighthouse[name] = {
      ...Object.fromEntries(Object.entries(categories).map(([category, { score }]) => [category, Math.round((score ?? 0) * 100)])),
      fcp_ms: Math.round(audits['first-contentful-paint']?.numericValue ?? NaN),
      lcp_ms: Math.round(audits['largest-contentful-paint']?.numericValue ?? NaN),
      tbt_ms: Math.round(audits['total-blocking-time']?.numericValue ?? NaN),
      cls: audits['cumulative-layout-shift']?.numericValue ?? NaN,
    };
    const lost = Object.values(audits).filter(({ score, scoreDisplayMode }) => score !== null && score < 1 && scoreDisplayMode === 'binary');
    for (const { id, title } of lost) console.log(`${name}: ${id}: ${title}`);
  }

  for (const [name, path] of Object.entries(pages)) {
    const paints: number[] = [];
    const hydrations: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      // A context of its own: nothing is cached, as on the first visit.
      const context = await browser.newContext({ viewport: SIZES.tablet, locale: 'fr-CA', serviceWorkers: 'block' });
      await context.addCookies(cookies);
      const page = await context.newPage();
      const devtools = await context.newCDPSession(page);
      await devtools.send('Network.enable');
      await devtools.send('Network.emulateNetworkConditions', SLOW_LINE);
      await devtools.send('Emulation.setCPUThrottlingRate', SLOW_CPU);
      await page.addInitScript(() => {
        new MutationObserver((_, observer) => {
          if (!document.documentElement?.hasAttribute('data-hydrated')) return;
          observer.disconnect();
          performance.mark('seen-hydrated');
        }).observe(document, { attributes: true, subtree: true });
      });
      const person = new Person(page, context, server.origin, true);
      await person.open(path);
      const seen = await page.evaluate(() => ({
        paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
        hydrated: performance.getEntriesByName('seen-hydrated')[0]?.startTime ?? NaN,
      }));
      paints.push(seen.paint);
      hydrations.push(seen.hydrated);
      await context.close();
    }
    figures.slow[name] = { fcp_ms: Math.round(median(paints)), hydrated_ms: Math.round(median(hydrations)) };
  }
  await browser.close();

  // As long as a message may be, with numbers all over: what each pause in writing costs.
  const text = 'TA 120/80, INR 2,4 le 12/05/2026, poste 4512, créat 98 umol/L. '.repeat(160).slice(0, 9_990);
  await camille.open(`/messages/${conversation}`);
  const pauses: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    await camille.page.evaluate(() => performance.clearMeasures('unfiled'));
    await camille.compose(ANNE.name).fill(`${text} ${run}`);
    await camille.page.waitForFunction(() => performance.getEntriesByName('unfiled').length > 0);
    pauses.push(await camille.page.evaluate(() => performance.getEntriesByName('unfiled').at(-1)?.duration ?? NaN));
  }
  figures.guard['10,000 characters'] = { pause_ms: Math.round(median(pauses) * 10) / 10 };
  writeFileSync(REPORT, JSON.stringify(figures, null, 2));
});
