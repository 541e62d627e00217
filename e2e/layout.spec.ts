// Nothing is cut: narrow screens, large text, and fingers in gloves.
import { expect, test } from './lib/pli';
import { refusal } from './lib/guard';
import { CAMILLE, VIEWS } from './lib/pages';

for (const view of VIEWS) {
  test(`${view.name}: at 320 px, and at 390 px with text twice as large, nothing needs sideways scrolling`, async ({ visit, guard }) => {
    if (view.name === 'introuvable') guard.announce(...refusal(404));
    const person = await visit();
    if (view.isSignedIn) await person.signIn(CAMILLE);
    await view.open(person);

    for (const { width, textSize } of [{ width: 320, textSize: '100%' }, { width: 390, textSize: '200%' }]) {
      await person.page.setViewportSize({ width, height: 740 });
      // The browser's own font setting, which cannot be set from here, does the same.
      await person.page.evaluate((size) => (document.documentElement.style.fontSize = size), textSize);
      const wide = await person.page.evaluate(() => {
        const shown = (element: Element) => `${element.tagName}.${element.className}`;
        const isCut = document.documentElement.scrollWidth > document.documentElement.clientWidth;
        const wider = [...document.querySelectorAll('main *')].filter((element) => element.getBoundingClientRect().right > innerWidth + 1);
        return isCut ? ['the page', ...wider.map(shown).slice(0, 5)] : [];
      });
      expect(wide, `${width} px, ${textSize}`).toEqual([]);
    }
  });
}
