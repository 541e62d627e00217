// Sessions end at the wrong moment; devices are listed and signed out.
import { expect, test } from './lib/pli';
import { refusal } from './lib/guard';
import { CAMILLE, LUC, PASSWORD } from './lib/people';
import { named } from './lib/words';

test('a session that ends while writing: sign-in comes over the page, the text stays', async ({ enter, guard }) => {
  guard.announce(...refusal(401));
  const camille = await enter(CAMILLE);
  const elsewhere = await enter(CAMILLE);
  const luc = await enter(LUC);
  await camille.openConversation(LUC);
  await luc.openConversation(CAMILLE);
  await camille.compose(LUC.name).fill('Presque fini d’écr');
  const { devices } = await elsewhere.read<{ devices: { id: string; is_current: boolean }[] }>('accounts.list_devices');

  for (const device of devices.filter(({ is_current }) => !is_current)) {
    await elsewhere.call('accounts.revoke_device', { device: device.id });
  }

  const dialog = camille.dialog.filter({ has: camille.page.getByLabel(camille.words.password, { exact: true }) });
  await expect(dialog).toBeVisible({ timeout: 20_000 });
  await expect(camille.compose(LUC.name)).toBeHidden();
  const email = dialog.getByRole('textbox', { name: named(camille.words.email) });
  if (await email.isVisible()) await email.fill(CAMILLE.email);
  await dialog.getByLabel(camille.words.password, { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: named(camille.words.signIn) }).click();
  await expect(dialog).toHaveCount(0);
  await expect(camille.compose(LUC.name)).toHaveValue('Presque fini d’écr');

  await camille.arrow.click();
  await expect(luc.message(CAMILLE.name, 'Presque fini d’écr')).toHaveCount(1);
  await luc.write(CAMILLE.name, 'Bienvenue à nouveau');
  await expect(camille.message(LUC.name, 'Bienvenue à nouveau')).toBeVisible();
});

test('devices are listed, the present one is marked, another is signed out', async ({ enter, guard }) => {
  guard.announce(...refusal(401));
  const camille = await enter(CAMILLE);
  const tablet = await enter(CAMILLE);
  await tablet.open('/accueil');
  await camille.open('/parametres/appareils');
  await expect(camille.page.getByText(/Cet appareil/)).toHaveCount(1);
  const others = camille.page.getByRole('button', { name: /^Déconnecter / });
  await expect(others).toHaveCount(1);

  await others.first().click();
  const confirmation = camille.dialog.getByRole('button', { name: /Déconnecter/ });
  if (await confirmation.count()) await confirmation.click();

  await expect(others).toHaveCount(0);
  const answer = await tablet.context.request.get(`${tablet.origin}/api/v1/accounts.get_me`);
  expect(answer.status()).toBe(401);
});

test('signing out leads to the sign-in page, and back does not show what was there', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  await camille.openConversation(LUC);

  await camille.signOut();
  await camille.page.goBack();

  await expect(camille.button(camille.words.signIn)).toBeVisible();
});
