import { describe, expect, it } from '@jest/globals';
import { useShop } from '../e2e/sample/support/shop.js';
import { useBrowser } from './support/chromium.js';
import { Tab } from './support/tab.js';

describe('two real tabs', () => {
  const shop = useShop();
  const browser = useBrowser();
  const stored = async (id: string) => (await shop.documents('orders')).find(({ _id }) => String(_id) === id)!;

  it('see each other’s commits, live', async () => {
    const [a, b] = [await Tab.open(browser(), shop.url), await Tab.open(browser(), shop.url)];
    await a.find('#note').fill('from A');
    await a.save();
    expect(await a.text('#wire-meta .who')).toBe('this tab');
    await b.until('#wire-meta', /another tab/);
    expect(await b.text('.side.is-sent')).toContain('note: "from A"');
    await b.holds('#note', 'from A'); // nothing was being edited
    await a.close();
    await b.close();
  });

  it('both keep their change of different fields', async () => {
    const [a, b] = [await Tab.open(browser(), shop.url), await Tab.open(browser(), shop.url)];
    await a.find('#note').fill('A was here');
    await b.find('#city').fill('Bremen');
    await a.save();
    await b.until('#order-notice', /changed elsewhere/);
    await b.find('#order-save').click();
    await b.until('#order-changes', /^No changes$/);
    expect(await stored(await a.orderId())).toMatchObject({ note: 'A was here', address: { city: 'Bremen' } });
    expect(await b.find('#note').inputValue()).toBe('A was here');
    await a.close();
    await b.close();
  });

  it('do not overwrite each other: the second is told, by what it had seen, however late it saves', async () => {
    const a = await Tab.open(browser(), shop.url);
    const b = await Tab.open(browser(), shop.url, { allow: 'conflict' });
    await a.find('#note').fill('first');
    await b.find('#note').fill('second');
    await a.save();
    await b.until('#order-notice', /changed elsewhere/);
    shop.commands.clear();
    await b.find('#order-save').click();
    await b.until('#order-notice.is-refused', /changed by someone else .*\(note\)/);
    expect(shop.commands.writes()).toEqual([]);
    expect(await b.find('#note').inputValue()).toBe('second'); // what was typed is there still
    expect((await stored(await a.orderId())).note).toBe('first');
    await b.find('#order-notice button').click();
    await b.holds('#note', 'first');
    await b.find('#note').fill('second, knowing the first');
    await b.save();
    expect((await stored(await a.orderId())).note).toBe('second, knowing the first');
    await a.close();
    await b.close();
  });
});
