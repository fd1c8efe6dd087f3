import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import type { AxeResults } from 'axe-core';
import { useShop } from '../e2e/sample/support/shop.js';
import { useBrowser } from './support/chromium.js';
import { Tab } from './support/tab.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WIDTHS = [360, 1600] as const;
const SCHEMES = ['light', 'dark'] as const;

/** What axe finds wrong, rule by rule, with the elements. */
async function violations(tab: Tab): Promise<string[]> {
  await tab.page.evaluate(AXE);
  const { violations: found } = await tab.page.evaluate<AxeResults>(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`,
  );
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary}`),
  );
}

/** Does anything stick out to the right? */
function overflow(tab: Tab): Promise<number> {
  return tab.page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

describe('the page', () => {
  const shop = useShop();
  const browser = useBrowser();

  describe.each(SCHEMES)('in %s', (colorScheme) => {
    it.each(WIDTHS)('at %i px has nothing that axe objects to, in any of its states', async (width) => {
      const options = {
        colorScheme,
        viewport: { width, height: 900 },
        reducedMotion: 'reduce',
        allow: 'conflict',
      } as const;
      const tab = await Tab.open(browser(), shop.url, options);
      const check = async (state: string) => {
        expect({ state, found: await violations(tab), overflow: await overflow(tab) }).toEqual({
          state,
          found: [],
          overflow: 0,
        });
      };
      await check('fresh');
      await tab.find('.stepper button:last-child').first().click();
      await tab.find('#note').fill(`at ${width} in ${colorScheme}`);
      await tab.find('#tag').fill(`${colorScheme} ${width}`);
      await tab.find('#tag').press('Enter');
      await check('edited');
      await tab.save();
      await tab.find('details').first().click();
      await check('saved');
      await tab.find('#street').fill('half-typed');
      for (const name of ['revert', 'same']) {
        await tab.experiment(name);
        await check(name);
      }
      await tab.experiment('fork');
      await tab.find('[data-resolve=lower]').click();
      await tab.find('.is-united').waitFor();
      await check('fork');
      expect(await tab.find('#order-notice').isVisible()).toBe(true);
      const background = await tab.page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      const [red] = background.match(/\d+/g)!.map(Number) as [number];
      expect(red > 128).toBe(colorScheme === 'light');
      await tab.close();
    });
  });

  it('needs no pointer: an order is edited and saved, and each button pressed, by the keyboard alone', async () => {
    const tab = await Tab.open(browser(), shop.url, { allow: 'conflict' });
    const { keyboard } = tab.page;
    const focused = () =>
      tab.page.evaluate<string>(
        `(() => { const one = document.activeElement; return one.id || one.dataset.experiment || one.dataset.resolve || one.ariaLabel || one.textContent; })()`,
      );
    /** Presses Tab until that has the focus; each that had it on the way must show that it has. */
    const go = async (to: string) => {
      for (let presses = 0; presses < 80; presses++) {
        await keyboard.press('Tab');
        const outline = await tab.page.evaluate<boolean>(
          `(() => { const one = document.activeElement.closest('.tag-box') ?? document.activeElement; return getComputedStyle(one).outlineStyle !== 'none'; })()`,
        );
        expect({ at: await focused(), outline }).toEqual({ at: expect.any(String), outline: true });
        if ((await focused()) === to) return;
      }
      throw new Error(`Tab does not lead to ${to}.`);
    };
    await keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the order');
    await keyboard.press('Enter');
    expect(await focused()).toBe('order');
    await go('quantity-0');
    await keyboard.press('ArrowUp');
    await go('note');
    await keyboard.press('Control+A');
    await keyboard.type('typed');
    await go('tag');
    await keyboard.type('by hand');
    await keyboard.press('Enter');
    await go('city');
    await keyboard.press('Control+A');
    await keyboard.type('Ulm');
    await keyboard.press('Enter'); // a form is sent from any of its fields
    await tab.find('#wire[data-flush]').waitFor();
    await tab.until('#order-changes', /^No changes$/); // the answer is there: the form is not rendered again
    const [stored] = (await shop.documents('orders')).filter(({ note }) => note === 'typed');
    expect(stored).toMatchObject({ address: { city: 'Ulm' }, tags: expect.arrayContaining(['by hand']) });
    await tab.page.evaluate('document.activeElement.blur(); scrollTo(0, 0)');
    for (const name of ['read', 'revert', 'different', 'same', 'fork']) {
      await go(name);
      await keyboard.press('Enter');
      await tab.find(`#experiment-result[data-done=${name}]`).waitFor();
      expect(await focused()).toBe(name);
    }
    await go('theirs');
    await keyboard.press('Space');
    await tab.find('.is-united').waitFor();
    await tab.close();
  });

  it('moves nothing for those who asked for less motion', async () => {
    const tab = await Tab.open(browser(), shop.url, { reducedMotion: 'reduce' });
    await tab.find('#note').fill('calm');
    await tab.save();
    expect(await tab.page.evaluate('document.getAnimations().length')).toBe(0);
    await tab.close();
    const lively = await Tab.open(browser(), shop.url, { reducedMotion: 'no-preference' });
    expect(await lively.page.evaluate('document.getAnimations().length')).toBeGreaterThan(0);
    await lively.close();
  });

  it('tells of commits, of the connection and of refusals where a screen reader hears it', async () => {
    const tab = await Tab.open(browser(), shop.url);
    const { page } = tab;
    expect(
      await page
        .getByRole('status')
        .filter({ hasText: /^Live$/ })
        .count(),
    ).toBe(1);
    await tab.find('#note').fill('aloud');
    await tab.save();
    await page
      .getByRole('status')
      .filter({ hasText: /^Committed: update of orders\. \d+ bytes of changes/ })
      .waitFor();
    await page.route('**/orders/*', (route) =>
      route.request().method() === 'PATCH' ? route.abort() : route.continue(),
    );
    await tab.find('#note').fill('unheard');
    await tab.find('#order-save').click();
    await page
      .getByRole('alert')
      .filter({ hasText: /does not answer/ })
      .waitFor();
    tab.troubles.length = 0; // of the request that was cut off on purpose
    await tab.close();
  });
});
