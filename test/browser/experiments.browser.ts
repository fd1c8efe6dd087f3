import { describe, expect, it } from '@jest/globals';
import { useShop } from '../e2e/sample/support/shop.js';
import { useBrowser } from './support/chromium.js';
import { Tab } from './support/tab.js';

describe('the five buttons', () => {
  const shop = useShop();
  const browser = useBrowser();
  const stored = async (id: string) => (await shop.documents('orders')).find(({ _id }) => String(_id) === id)!;

  it('read only: nothing sent', async () => {
    const tab = await Tab.open(browser(), shop.url);
    shop.commands.clear();
    await tab.experiment('read');
    expect(shop.commands.named('find').length).toBeGreaterThanOrEqual(3);
    expect(shop.commands.writes()).toEqual([]);
    expect(await tab.texts('.step .outcome')).toEqual(
      Array(3).fill(expect.stringMatching(/^200\s+1 read, nothing sent$/)),
    );
    expect(await tab.text('.verdict.is-good')).toBe('Three requests, 0 writes: nothing sent.');
    await tab.until('#announcer', /nothing sent/);
    await tab.close();
  });

  it('change and revert: nothing sent', async () => {
    const tab = await Tab.open(browser(), shop.url);
    const before = await stored(await tab.orderId());
    shop.commands.clear();
    await tab.experiment('revert');
    expect(shop.commands.writes()).toEqual([]);
    const steps = await tab.texts('.step > div');
    expect(steps[2]).toMatch(/Modified: .*note/);
    expect(steps[2]).toContain('order.tags.push("draft")');
    expect(steps[5]).toContain('Modified: nothing.');
    expect(await tab.text('.verdict.is-good')).toBe('Changed and reverted: nothing sent.');
    expect(await stored(String(before._id))).toEqual(before);
    await tab.close();
  });

  it('two tabs edit different fields: both survive', async () => {
    const tab = await Tab.open(browser(), shop.url);
    const before = await stored(await tab.orderId());
    shop.commands.clear();
    await tab.experiment('different');
    expect(shop.commands.named('update')).toHaveLength(2);
    expect(await tab.texts('.status')).toEqual(['200', '200', '200', '200', '200']);
    expect(await tab.text('.verdict.is-good')).toMatch(/^Both survive/);
    const after = await stored(String(before._id));
    expect(after.note).toMatch(/^Tab A/);
    expect(after.address).toEqual({ ...before.address, city: expect.stringMatching(/^(Leipzig|Graz)$/) });
    // The form shows what is stored now.
    await tab.holds('#note', after.note);
    expect(await tab.find('#city').inputValue()).toBe(after.address.city);
    await tab.close();
  });

  it('same field: the second gets 409, by what each has seen', async () => {
    const tab = await Tab.open(browser(), shop.url, { allow: 'conflict' });
    shop.commands.clear();
    await tab.experiment('same');
    expect(shop.commands.named('update')).toHaveLength(1);
    expect(await tab.texts('.status')).toEqual(['200', '200', '200', '409', '200']);
    expect((await tab.texts('.outcome'))[3]).toMatch(/Order [0-9a-f]{24} was changed by someone else .* \(note\)/);
    expect(await tab.text('.verdict.is-good')).toMatch(/^The second gets 409/);
    expect((await stored(await tab.orderId())).note).toMatch(/^Tab A/);
    await tab.until('#history .is-refused', /409/);
    await tab.close();
  });

  it.each(['ours', 'theirs', 'lower'])(
    'fork: both sides, their conflict, and the resolution "%s"',
    async (resolution) => {
      const tab = await Tab.open(browser(), shop.url);
      const before = await stored(await tab.orderId());
      const prices = before.items.map(({ price }: { price: number }) => price);
      shop.commands.clear();
      await tab.experiment('fork');
      expect(shop.commands.writes()).toEqual([]); // a conflict is reported: neither side was altered
      expect(await tab.texts('.lane h4')).toEqual(['The request', 'The fork']);
      expect(await tab.find('.of-ours .changes li').count()).toBe(2); // a price and the note
      expect(await tab.find('.of-theirs .changes li').count()).toBeGreaterThanOrEqual(prices.length);
      const [name, original, ours, theirs] = await tab.texts('.is-conflict tbody :is(th, td)');
      expect(name).toBe(`${before.items[0].sku} price`);
      const cents = (text: string) => Math.round(Number(text.replace(/[^\d.]/g, '')) * 100);
      expect(cents(original!)).toBe(prices[0]);

      await tab.find(`[data-resolve=${resolution}]`).click();
      await tab.find(`.fork-result[data-resolution=${resolution}] .is-united`).waitFor();
      expect(await tab.text('.is-united .verdict')).toMatch(/^One command for both sides/);
      expect(shop.commands.named('update')).toHaveLength(1);
      const after = await stored(String(before._id));
      const choices = { ours: cents(ours!), theirs: cents(theirs!), lower: Math.min(cents(ours!), cents(theirs!)) };
      expect(after.items[0].price).toBe(choices[resolution as keyof typeof choices]);
      expect(after.items.slice(1).every((item: any, nth: number) => item.price !== prices[nth + 1])).toBe(true);
      expect(after.tags).toContain('campaign'); // of the fork
      expect(after.note).toMatch(/^Agreed on/); // of the request
      await tab.until('#announcer', /one command committed/i);
      await tab.close();
    },
  );

  it('leaves alone what is being edited', async () => {
    const tab = await Tab.open(browser(), shop.url);
    await tab.find('#street').fill('half-typed');
    await tab.experiment('different');
    await tab.until('#order-notice', /changed elsewhere/);
    expect(await tab.find('#street').inputValue()).toBe('half-typed');
    await tab.find('#order-notice button').click();
    await tab.until('#order-changes', /^No changes$/);
    expect(await tab.find('#note').inputValue()).toMatch(/^Tab A/);
    await tab.close();
  });
});
