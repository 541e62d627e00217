// Nothing is cut: narrow screens, large text, and fingers in gloves.
import { both, openMenu } from './lib/actions';
import { expect, test } from './lib/pli';
import { SIZES } from './lib/browser';
import { refusal } from './lib/guard';
import { CAMILLE, VIEWS } from './lib/pages';
import { LUC } from './lib/people';

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

/** From where to where something stands, sideways. */
type Span = { left: number; right: number };

test('the menu of a message stays within its conversation, whoever wrote it', async ({ enter }) => {
  const [camille, luc] = await both(enter, 'desktop');
  await luc.write(CAMILLE.name, 'Oui');
  await camille.write(LUC.name, `Mon avis : ${'la dose me semble forte '.repeat(20)}`);
  const span = (selector: string): Promise<Span> =>
    camille.page.locator(selector).evaluate((element) => {
      const { left, right } = element.getBoundingClientRect();
      return { left, right };
    });

  for (const size of [SIZES.landscape, SIZES.desktop]) {
    await camille.page.setViewportSize(size);
    for (const text of ['Oui', 'Mon avis']) {
      const menu = await openMenu(camille, 'desktop', LUC.name, text);
      const pane = await span('.conversation');
      const isWithin = async () => {
        const { left, right } = await span('.menu:popover-open');
        return left >= pane.left && right <= pane.right;
      };
      await expect.poll(isWithin, { message: `${size.width} px, « ${text} »` }).toBe(true);
      await camille.page.keyboard.press('Escape');
      await expect(menu).toBeHidden();
    }
  }
});
