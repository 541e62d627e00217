// The guide inside the product: three steps that point at the real controls.
import { expect, test } from './lib/pli';
import { ANNE, CAMILLE } from './lib/people';
import type { Person } from './lib/person';

async function startGuide(person: Person): Promise<void> {
  await person.open('/aide');
  await person.button("Me guider à l'écran").click();
}

test('A13: the guide points at Réseau, at the plane, at the arrow, and ends', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.call('accounts.save_settings', { guide_step: 0 });
  await startGuide(camille);
  const pointed = camille.page.locator('.pointed');

  await expect(pointed.first()).toBeVisible();
  await camille.tab(camille.words.network).click();
  await expect(camille.heading(camille.words.network)).toBeVisible();
  await expect(pointed.first()).toBeVisible();

  // Resumed where it was, after a reload.
  await camille.open('/reseau');
  await expect(pointed.first()).toBeVisible();
  await camille.plane(ANNE.name).first().click();
  await expect(camille.compose(ANNE.name)).toBeVisible();
  await expect(pointed.first()).toBeVisible();
  await camille.write(ANNE.name, 'Mon premier message');
  await expect(camille.message(ANNE.name, 'Mon premier message')).toBeVisible();

  await expect(pointed).toHaveCount(0);
});

test('A13: the guide can be skipped, for good', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.call('accounts.save_settings', { guide_step: 0 });
  await startGuide(camille);
  const coach = camille.page.getByRole('group', { name: /Étape 1/ });
  await expect(coach).toBeVisible();

  await coach.getByRole('button', { name: 'Passer le guide' }).click();
  await expect(coach).toHaveCount(0);
  await camille.open('/accueil');

  await expect(coach).toHaveCount(0);
  expect((await camille.read<{ guide_step: number }>('accounts.get_me')).guide_step).toBe(4);
});

test('A13: the help page tells the three steps, with pictures that load', async ({ visit }) => {
  const reader = await visit();
  await reader.open('/aide');

  await expect(reader.page.getByRole('heading', { level: 2 })).not.toHaveCount(0);
  const broken = await reader.page.locator('img').evaluateAll((images) =>
    images.filter((image) => (image as HTMLImageElement).complete && (image as HTMLImageElement).naturalWidth === 0).length,
  );
  expect(broken).toBe(0);
});
