// Words that try to be more than words: they are shown as they were typed, wherever they are shown.
import { expect, test } from './lib/pli';
import { ANNE, CAMILLE } from './lib/people';
import { holding } from './lib/words';

/** What would run, each in a way of its own; all set the same mark. */
const VECTORS = [
  '<script>window.struck=1</script>',
  '</script><script>window.struck=1</script>',
  '<img src=x onerror=window.struck=1>',
  '<svg onload=window.struck=1>',
  '<svg><script href="data:,window.struck=1"></script></svg>',
  '<iframe srcdoc="<script>parent.struck=1</script>"></iframe>',
  '<body onload=window.struck=1>',
  '<details open ontoggle=window.struck=1>x</details>',
  '<a href="javascript:window.struck=1">x</a>',
  '<form action="javascript:window.struck=1"><button>x</button></form>',
  '<input autofocus onfocus=window.struck=1>',
  '<style>@import "https://example.invalid/x.css"</style>',
  '<link rel=stylesheet href=https://example.invalid/x.css>',
  '<meta http-equiv=refresh content="0;url=https://example.invalid">',
  '<base href=https://example.invalid/>',
  '<object data="data:text/html,<script>parent.struck=1</script>"></object>',
  '<math><mtext></form><form><mglyph><style></math><img src onerror=window.struck=1>',
  '<template><img src=x onerror=window.struck=1></template>',
  '--><img src=x onerror=window.struck=1>',
  '"><img src=x onerror=window.struck=1>',
  "'><img src=x onerror=window.struck=1>",
  '"}</script><script>window.struck=1</script>',
  '\u2028</script><script>window.struck=1</script>',
  '{{constructor.constructor("window.struck=1")()}}',
  '${window.struck=1}',
  '<!--<script>-->window.struck=1<!--</script>-->',
  'javascript:window.struck=1',
  '<ScRiPt>window.struck=1</sCrIpT>',
  '<<script>window.struck=1//<</script>',
  '&lt;script&gt;window.struck=1&lt;/script&gt;',
  '<img src=x:x onerror&equals;window.struck=1>',
];

/** What no words may ever become. */
const FORBIDDEN = 'main script:not([type="application/json"]):not([nonce]), main iframe, main object, main [onerror], main [onload], main [onfocus], main [ontoggle], main a[href^="javascript:"], main base, main meta, main template, main style, main math';

test('WEB-10: words that try to run are shown as words, live, drawn by the server and in the lists', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const anne = await enter(ANNE);
  const conversation = await camille.openConversation(ANNE);
  const isUnharmed = async () => {
    expect(await camille.page.evaluate(() => (window as { struck?: number }).struck)).toBeUndefined();
    await expect(camille.page.locator(FORBIDDEN)).toHaveCount(0);
  };

  for (const vector of VECTORS) await anne.sendByCall(conversation, vector);

  const last = camille.history(ANNE.name).getByText(VECTORS.at(-1) ?? '', { exact: true });
  await expect(last).toBeVisible();
  await isUnharmed();
  await camille.open(`/messages/${conversation}`);
  for (const vector of VECTORS) {
    await expect(camille.history(ANNE.name).getByText(vector.trim(), { exact: true }).first(), vector).toBeAttached();
  }
  await isUnharmed();
  await camille.open('/accueil');
  await isUnharmed();
});

test('WEB-10: words that try to run are words where they are quoted, changed, pinned and looked up', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const anne = await enter(ANNE);
  const conversation = await camille.openConversation(ANNE);
  const isUnharmed = async () => {
    expect(await camille.page.evaluate(() => (window as { struck?: number }).struck)).toBeUndefined();
    await expect(camille.page.locator(FORBIDDEN)).toHaveCount(0);
    await expect(camille.page.locator('dialog').locator('script, iframe, object, [onerror], [onload], base, meta, template')).toHaveCount(0);
  };
  const send = (body: string, reply_to?: string) =>
    anne.call<{ message: { id: string; position: number } }>('conversations.send_message', { conversation, key: crypto.randomUUID(), body, reply_to });

  let firstPosition = 0;
  for (const vector of VECTORS) {
    const { message } = await send(vector);
    firstPosition ||= message.position;
    await send('Cité', message.id);
    await anne.call('conversations.edit_message', { message: message.id, key: crypto.randomUUID(), body: `${vector} corrigé` });
    await anne.call('conversations.pin_message', { message: message.id, key: crypto.randomUUID(), pinned: true });
  }

  const quote = camille.history(ANNE.name).locator('.quote__text').last();
  await expect(quote).toHaveText(`${VECTORS.at(-1)} corrigé`);
  await isUnharmed();
  await camille.page.getByRole('button', { name: holding('Modifié') }).last().click();
  await expect(camille.dialog.getByText(VECTORS.at(-1) ?? '', { exact: true })).toBeVisible();
  await isUnharmed();
  await camille.page.keyboard.press('Escape');
  await camille.choose('Messages épinglés et favoris');
  await expect(camille.dialog.locator('.quote__text').first()).toHaveText(`${VECTORS.at(-1)} corrigé`);
  await isUnharmed();
  // As the server draws it: the newest page, and one around the first of them.
  const drawn: string[] = [];
  for (const place of ['', `?autour=${firstPosition}`]) {
    await camille.open(`/messages/${conversation}${place}`);
    await isUnharmed();
    drawn.push(...(await camille.history(ANNE.name).locator('.quote__text').allInnerTexts()));
  }
  for (const vector of VECTORS) expect(drawn.map((text) => text.trim())).toContain(`${vector} corrigé`.trim());
});

test('WEB-10: a name and a workplace that try to run are shown as they are', async ({ enter }) => {
  const camille = await enter(CAMILLE);
  const anne = await enter(ANNE);
  const account = await camille.idOf(ANNE);
  await anne.call('accounts.save_profile', {
    title: 'Dre',
    name: '<img src=x onerror=window.struck=1>',
    profession: '</script><script>window.struck=1</script>',
    workplace: '"><svg onload=window.struck=1>',
    phone: '',
  });

  for (const path of ['/accueil', '/reseau', `/reseau/${account}`]) {
    await camille.open(path);
    await expect(camille.page.getByText('<img src=x onerror=window.struck=1>').first()).toBeAttached();
    expect(await camille.page.evaluate(() => (window as { struck?: number }).struck), path).toBeUndefined();
    await expect(camille.page.locator(FORBIDDEN), path).toHaveCount(0);
  }
});

test('PRV-03: a page that asks another host is held back, and it is noticed', async ({ enter, guard }) => {
  const camille = await enter(CAMILLE);
  await camille.open('/accueil');

  await camille.page.evaluate(() => fetch('https://example.invalid/x').catch(() => undefined));
  await camille.page.goto('data:text/html,<img src="https://example.invalid/y">');

  const complaints = guard.unexpected();
  expect(complaints.some((complaint) => complaint.includes('Content Security Policy'))).toBe(true);
  expect(complaints.some((complaint) => complaint.includes('another host is asked: https://example.invalid/y'))).toBe(true);
  guard.announce(/./);
});
