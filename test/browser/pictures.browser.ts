import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { useShop } from '../e2e/sample/support/shop.js';
import { useBrowser } from './support/chromium.js';
import { takePicture } from './support/picture.js';
import { Tab } from './support/tab.js';

const VIEWS = [
  ['page-light', { colorScheme: 'light', viewport: { width: 1600, height: 1080 } }],
  ['page-dark', { colorScheme: 'dark', viewport: { width: 1600, height: 1080 } }],
] as const;

/** Each begins with the same data. */
describe.each(VIEWS)('the picture %s', (name, view) => {
  const shop = useShop();
  const browser = useBrowser();

  it('shows a commit, and changes that are not saved yet', async () => {
    const tab = await Tab.open(browser(), shop.url, { ...view, reducedMotion: 'reduce' });
    await tab.find('#note').fill('Ring twice, please');
    await tab.save();
    await tab.find('#tag').fill('call first');
    await tab.find('#tag').press('Enter');
    await tab.find('#city').fill('Graz');
    await tab.save();
    await tab.find('.stepper button:last-child').first().click();
    await tab.find('#note').fill('Leave it with the neighbours');
    await tab.page.evaluate('document.activeElement.blur(); document.fonts.ready.then(() => scrollTo(0, 0))');
    const { bytes } = await takePicture(tab, name);
    expect(bytes).toBeGreaterThan(10_000);
    expect((await takePicture(tab, name)).isNew).toBe(false);
    await tab.close();
  });
});

describe('the picture page-fork', () => {
  const shop = useShop();
  const browser = useBrowser();

  it('shows both sides of a fork, and their union', async () => {
    const view = { colorScheme: 'light', viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' } as const;
    const tab = await Tab.open(browser(), shop.url, view);
    await tab.experiment('fork');
    await tab.find('[data-resolve=lower]').click();
    await tab.find('.is-united').waitFor();
    await tab.page.evaluate(`document.activeElement.blur(); document.querySelector('.experiments').scrollIntoView()`);
    await takePicture(tab, 'page-fork');
    expect((await takePicture(tab, 'page-fork')).isNew).toBe(false);
    await tab.close();
  });
});

describe('the docs', () => {
  it('show the pictures', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    expect(readme).toContain('docs/images/page-light.png');
    expect(readme).toContain('docs/images/page-dark.png');
    const forks = readFileSync(new URL('../../docs/forks.md', import.meta.url), 'utf8');
    expect(forks).toContain('(images/page-fork.png)');
  });
});
