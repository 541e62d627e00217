// Accessibility, on every page: light and dark, French and English, phone and tablet.
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './lib/pli';
import { SIZES } from './lib/browser';
import { refusal } from './lib/guard';
import { fresh, walkThrough } from './lib/installation';
import { CAMILLE, VIEWS } from './lib/pages';
import type { Person } from './lib/person';
import { words } from './lib/words';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

for (const view of VIEWS) {
  for (const language of ['fr', 'en'] as const) {
    test(`${view.name} (${language})`, async ({ visit, guard }) => {
      if (view.name === 'introuvable') guard.announce(...refusal(404));
      const person = await visit({ locale: `${language}-CA`, reducedMotion: 'reduce' });
      person.words = words(language);
      if (view.isSignedIn) {
        await person.signIn(CAMILLE);
        await person.call('accounts.save_settings', { language: `${language}-CA` });
      }

      await view.open(person);

      await expectNoViolation(person, view.name);
    });
  }
}

fresh('the pages of a new installation', async ({ visit, setUpLink }) => {
  await walkThrough(visit, setUpLink, expectNoViolation);
});

async function expectNoViolation(person: Person, name: string): Promise<void> {
  for (const size of ['phone', 'landscape'] as const) {
    await person.page.setViewportSize(SIZES[size]);
    for (const colorScheme of ['light', 'dark'] as const) {
      await person.page.emulateMedia({ colorScheme });
      const { violations } = await new AxeBuilder({ page: person.page }).withTags(TAGS).analyze();
      const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
      expect(found, `${name}, ${size}, ${colorScheme}`).toEqual([]);
    }
  }
}
