// What the page says of its connection, and how it goes on where streams do not come through.
import { expect, test } from './lib/pli';
import { expectKept } from './lib/device';
import { UNREACHABLE } from './lib/guard';
import { CAMILLE, LUC } from './lib/people';

test('where something on the way holds streams back, messages arrive all the same', async ({ enter, guard }) => {
  guard.announce(/ERR_FAILED/, /api\/v1\/events/);
  const camille = await enter(CAMILLE);
  const luc = await enter(LUC);
  await camille.page.route('**/api/v1/events', (route) => route.abort('failed'));
  const asked = camille.page.waitForRequest((request) => /list_events\?.*wait=20/.test(request.url()), { timeout: 30_000 });

  const conversation = await camille.openConversation(LUC);
  await asked;
  await luc.sendByCall(conversation, 'Sans flux');

  await expect(camille.message(LUC.name, 'Sans flux')).toHaveCount(1);
  await expect(camille.page.getByText(/Reconnexion/)).toHaveCount(0);
});

test('one line says that the network is away and how much waits, and goes when it is back', async ({ enter, guard }) => {
  guard.announce(...UNREACHABLE);
  const camille = await enter(CAMILLE);
  // What opens the vault comes from the server: without it nothing can rest here.
  const opened = camille.page.waitForResponse(/accounts\.open_vault/);
  await camille.openConversation(LUC);
  await (await opened).finished();
  const line = camille.page.getByText('Hors ligne.');

  await camille.context.setOffline(true);
  await camille.write(LUC.name, 'Un');
  await camille.write(LUC.name, 'Deux');
  await expect(line).toBeVisible();
  await expect(camille.page.getByText(/2\s+messages en attente d’envoi/)).toBeVisible();
  await expectKept(camille.page, 2);

  await camille.context.setOffline(false);
  await expect(line).toHaveCount(0, { timeout: 20_000 });
  await expect(camille.page.getByText(/en attente d’envoi/)).toHaveCount(0);
  await expectKept(camille.page, 0);
});
