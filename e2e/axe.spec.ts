// Accessibility, on every page: light and dark, phone and tablet, and once in English.
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './lib/pli';
import { SIZES } from './lib/browser';
import { refusal } from './lib/guard';
import { fresh, walkThrough } from './lib/installation';
import { CAMILLE, VIEWS } from './lib/pages';
import type { Person } from './lib/person';
import { words } from './lib/words';

const ALL = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What a theme can change: the rules that read colours. */
const COLOURS = ['color-contrast', 'link-in-text-block'];

type Look = [size: 'phone' | 'landscape', colorScheme: 'light' | 'dark'];

const LOOKS: Look[] = [['phone', 'light'], ['phone', 'dark'], ['landscape', 'light'], ['landscape', 'dark']];

/** For a second language, which has other words in the same places and the same colours. */
const SOME_LOOKS: Look[] = [['phone', 'light']];

for (const view of VIEWS) {
  test(view.name, async ({ visit, guard }) => {
    for (const language of ['fr', 'en'] as const) {
      if (view.name === 'introuvable') guard.announce(...refusal(404));
      const person = await visit({ locale: `${language}-CA`, reducedMotion: 'reduce' });
      person.words = words(language);
      if (view.isSignedIn) {
        await person.signIn(CAMILLE);
        await person.call('accounts.save_settings', { language: `${language}-CA` });
      }

      await view.open(person);

      await expectNoViolation(person, `${view.name} (${language})`, language === 'fr' ? LOOKS : SOME_LOOKS);
    }
  });
}

fresh('the pages of a new installation', async ({ visit, setUpLink }) => {
  await walkThrough(visit, setUpLink, expectNoViolation);
});

async function expectNoViolation(person: Person, name: string, looks = LOOKS): Promise<void> {
  for (const [size, colorScheme] of looks) {
    await person.page.setViewportSize(SIZES[size]);
    await person.page.emulateMedia({ colorScheme });
    const axe = new AxeBuilder({ page: person.page });
    const { violations } = await (colorScheme === 'light' ? axe.withTags(ALL) : axe.withRules(COLOURS)).analyze();
    const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
    expect(found, `${name}, ${size}, ${colorScheme}`).toEqual([]);
  }
}
