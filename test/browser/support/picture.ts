import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Tab } from './tab.js';

const DIRECTORY = fileURLToPath(new URL('../../../docs/images/', import.meta.url));
/** Times and numbers of writes differ from run to run: such a part of the points may, before a picture is out of date. */
const TOLERATED = 0.01;

/** Makes a picture for the docs: written when it shows something else than the one that is there. */
export async function takePicture(tab: Tab, name: string): Promise<{ bytes: number; isNew: boolean }> {
  const path = `${DIRECTORY}${name}.png`;
  const picture = await tab.page.screenshot({ animations: 'disabled', caret: 'hide' });
  const isNew = !existsSync(path) || (await difference(tab, picture, readFileSync(path))) > TOLERATED;
  if (isNew) {
    mkdirSync(DIRECTORY, { recursive: true });
    writeFileSync(path, picture);
  }
  return { bytes: picture.length, isNew };
}

/** The part of the points that differ; 1 for pictures of different sizes. By the browser, which knows PNG. */
async function difference(tab: Tab, one: Buffer, other: Buffer): Promise<number> {
  const page = await tab.page.context().newPage();
  try {
    return await page.evaluate(
      `(async ([a, b]) => {
        const points = async (text) => {
          const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
          const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
          const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
          context.drawImage(image, 0, 0);
          return context.getImageData(0, 0, image.width, image.height);
        };
        const [one, other] = [await points(a), await points(b)];
        if (one.width !== other.width || one.height !== other.height) return 1;
        let different = 0;
        for (let at = 0; at < one.data.length; at += 4) {
          const far = [0, 1, 2].some((part) => Math.abs(one.data[at + part] - other.data[at + part]) > 16);
          if (far) different++;
        }
        return (4 * different) / one.data.length;
      })(${JSON.stringify([one.toString('base64'), other.toString('base64')])})`,
    );
  } finally {
    await page.close();
  }
}
