import { describe, expect, it } from '@jest/globals';
import { useShop } from '../e2e/sample/support/shop.js';
import { useBrowser } from './support/chromium.js';
import { Tab } from './support/tab.js';

describe('the page of the sample', () => {
  const shop = useShop();
  const browser = useBrowser();

  it('comes whole from the server, under a policy that lets in nothing else', async () => {
    const { headers, text } = await shop.http.get('/').expect(200).expect('content-type', /html/);
    expect(headers['content-security-policy']).toMatch(/default-src 'none'/);
    expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:|\*/);
    expect(text).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(text).not.toMatch(/<script(?![^>]*src=)|\sstyle=|\son\w+=/);
    await shop.http.get('/page/nothing.js').expect(404);
    await shop.http.get('/page/..%2fpage.controller.ts').expect(404);
    const tab = await Tab.open(browser(), shop.url);
    await expect(tab.page.evaluate('eval("1")')).resolves.toBe(1); // by the debugger, which no policy concerns
    const refused = await tab.page.evaluate(`(async () => {
      const image = new Image();
      const told = new Promise((resolve) => document.addEventListener('securitypolicyviolation', resolve, { once: true }));
      image.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';
      return (await told).effectiveDirective;
    })()`);
    expect(refused).toBe('img-src');
    tab.troubles.length = 0; // the violation that was made on purpose is in the console
    await tab.close();
  });

  it('shows the command that a change of quantity, note, tags and address became, and nothing but it was sent', async () => {
    const tab = await Tab.open(browser(), shop.url);
    const id = await tab.orderId();
    const before = (await shop.documents('orders')).find(({ _id }) => String(_id) === id)!;
    const { sku, quantity } = before.items[0];

    await tab.find('.stepper button:last-child').first().click();
    await tab.find('#note').fill('Ring twice');
    await tab.find('#tag').fill('fast');
    await tab.find('#tag').press('Enter');
    await tab.find('#city').fill('Graz');
    expect(await tab.text('#order-changes')).toBe(`Changed: quantity of ${sku}, note, tags, address.city`);
    expect(await tab.text('#note-was')).toBe(`was ${before.note || 'empty'}`);
    expect(await tab.text('#city-was')).toBe(`was ${before.address.city}`);

    shop.commands.clear();
    await tab.save();
    const writes = shop.commands.writes();
    expect(writes).toHaveLength(1);
    const [{ u }] = writes[0]!.command.updates;
    expect(u.$set).toMatchObject({ note: 'Ring twice', 'address.city': 'Graz' });

    const shown = (await tab.texts('.side.is-sent .line.is-change')).join('').replace(/\s+/g, ' ');
    for (const part of ['note: "Ring twice"', '"address.city": "Graz"', '"fast"', `quantity": ${quantity + 1}`]) {
      expect(shown).toContain(part);
    }
    const changed = (await tab.texts('.side.is-whole .line.is-change')).join('').replace(/\s+/g, ' ');
    for (const part of ['note: "Ring twice"', 'city: "Graz"', '"fast"', `quantity: ${quantity + 1}`]) {
      expect(changed).toContain(part);
    }
    const idle = (await tab.texts('.side.is-whole .line.is-dim')).join('');
    expect(idle).toContain(`street: "${before.address.street}"`);
    expect(idle).toContain('status: ');

    const after = (await shop.documents('orders')).find(({ _id }) => String(_id) === id)!;
    expect(after).toEqual({
      ...before,
      items: [{ ...before.items[0], quantity: quantity + 1 }, ...before.items.slice(1)],
      note: 'Ring twice',
      tags: [...before.tags, 'fast'],
      address: { ...before.address, city: 'Graz' },
      updatedAt: expect.any(Date),
    });
    await tab.close();
  });

  it('adds up what was sent, and what was not', async () => {
    const tab = await Tab.open(browser(), shop.url);
    const total = async () => {
      const texts = await Promise.all(['commits', 'sent', 'guards', 'whole'].map((name) => tab.text(`#total-${name}`)));
      return texts.map((text) => Number(text.replace(/[^\d.]/g, '')));
    };
    expect(await total()).toEqual([0, 0, 0, 0]);
    expect(await tab.text('#total-saved')).toBe('–');
    await tab.find('#note').fill('one');
    await tab.save();
    const [, sent, guards, whole] = (await total()) as [number, number, number, number];
    const text = (await tab.text('.sizes')).replace(/\u00a0/g, ' ').replace(/,/g, '');
    expect(text).toContain(`${sent} B of changes + ${guards} B of guards`);
    expect(text).toContain(`${whole} B of document`);
    expect(sent).toBeGreaterThan(0);
    expect(whole).toBeGreaterThan(sent);
    await tab.find('#note').fill('two');
    await tab.save();
    const [commits, sentBoth, , wholeBoth] = (await total()) as [number, number, number, number];
    expect(commits).toBe(2);
    expect(sentBoth).toBe(2 * sent); // "one" and "two" are of one length
    expect(wholeBoth).toBe(2 * whole);
    expect(await tab.text('#total-saved')).toMatch(new RegExp(`^${Math.round(100 - (100 * sent) / whole)}\\s%$`));
    // An earlier commit is shown again when it is chosen.
    await tab.find('#history .is-commit button').nth(1).click();
    expect(await tab.text('.side.is-sent')).toContain('note: "one"');
    await tab.close();
  });

  it('sends nothing when nothing was changed, or all was taken back', async () => {
    const tab = await Tab.open(browser(), shop.url);
    await tab.find('#note').fill('never sent');
    await tab.find('.stepper button:last-child').first().click();
    await tab.find('.stepper button:first-child').first().click();
    await tab.find('#order-undo').click();
    await tab.until('#order-changes', /^No changes$/);
    expect(await tab.find('#order-undo').isDisabled()).toBe(true);
    shop.commands.clear();
    await tab.find('#order-save').click();
    await tab.until('#announcer', /nothing was sent/);
    expect(shop.commands.writes()).toEqual([]);
    await tab.until('#history', /PATCH.*nothing sent/s);
    expect(await tab.text('#total-commits')).toBe('0');
    await tab.close();
  });

  it('says what the server refuses, and keeps what was typed', async () => {
    const tab = await Tab.open(browser(), shop.url);
    await tab.page.route('**/orders/*', (route) =>
      route.request().method() === 'PATCH' ? route.abort() : route.continue(),
    );
    await tab.find('#note').fill('typed');
    await tab.find('#order-save').click();
    await tab.until('#order-notice', /does not answer/);
    expect(await tab.find('#note').inputValue()).toBe('typed');
    await tab.page.unrouteAll();
    tab.troubles.length = 0; // the browser writes of the request that was cut off on purpose
    await tab.find('.stepper input').first().fill('');
    await tab.find('#order-save').click();
    await tab.until('#order-notice', /quantity/);
    tab.troubles.length = 0; // and of the 400
    await tab.close();
  });

  it('removes tags, and changes to another order', async () => {
    const tab = await Tab.open(browser(), shop.url);
    await tab.find('#tag').fill('a,b');
    await tab.find('#tag').fill('');
    await tab.find('#tag').pressSequentially('one,two,');
    expect(await tab.text('#order-changes')).toBe('Changed: tags');
    await tab.find('[aria-label="Remove the tag one"]').click();
    await tab.find('#tag').press('Backspace');
    await tab.until('#order-changes', /^No changes$/);
    const ids = await tab.page.evaluate<string[]>(
      `[...document.querySelectorAll('#order-pick option')].map((one) => one.value)`,
    );
    const other = ids.find((id) => id !== ids[0])!;
    await tab.find('#order-pick').selectOption(other);
    const { address } = (await shop.documents('orders')).find(({ _id }) => String(_id) === other)!;
    await tab.holds('#street', address.street);
    await tab.close();
  });

  it('shows a transaction as one', async () => {
    const tab = await Tab.open(browser(), shop.url);
    const { _id: customerId } = await shop.document('customers');
    const items = [{ sku: 'P-00001', quantity: 1 }];
    await shop.http.post('/orders').send({ customerId, items }).expect(201);
    await tab.until('#wire-meta', /another tab/);
    expect(await tab.text('.side.is-sent h3')).toBe('Sent: one transaction');
    const commands = await tab.texts('.side.is-sent .command > pre');
    expect(commands.some((text) => text.includes('insert: "orders"'))).toBe(true);
    expect(commands.some((text) => text.includes('update: "products"'))).toBe(true);
    expect(commands.at(-1)).toContain('commitTransaction: 1');
    await tab.close();
  });
});
