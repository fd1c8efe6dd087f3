/**
 * Makes an element. Text is always text: nothing here is ever read as markup.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} [props] `class`, `data-…`, `aria-…` and attributes; `on…` listeners; properties
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {any}
 */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else if (name === 'value') /** @type {HTMLInputElement} */ (element).value = String(value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** @param {string} id @returns {any} */
export function byId(id) {
  return document.getElementById(id);
}

/** @param {number} bytes */
export function bytesText(bytes) {
  return bytes < 10_000 ? `${bytes.toLocaleString('en')}\u00a0B` : `${(bytes / 1_000).toFixed(1)}\u00a0kB`;
}

const money = new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' });

/** @param {number} cents */
export function moneyText(cents) {
  return money.format(cents / 100);
}

/** @param {string | number | Date} at */
export function timeText(at) {
  return new Date(at).toLocaleTimeString('en-GB');
}

/** Tells those who cannot see it. @param {string} text */
export function announce(text) {
  const region = byId('announcer');
  region.textContent = region.textContent === text ? `${text}\u00a0` : text;
}
