import { call, messageOf } from './api.js';
import { announce, byId, el } from './dom.js';
import { addressFields, itemRows, noteField, tagField } from './order-fields.js';

const ADDRESS = ['street', 'zip', 'city', 'country'];

/**
 * The form of an order. It keeps what it has shown (`seen`), and sends it beside each change: the server refuses what
 * someone else has changed since.
 */
export class OrderForm {
  /** The order as this tab has seen it. */
  #seen;
  /** The order as the user wants it. */
  #draft;
  #saving = false;

  constructor() {
    this.form = byId('order-form');
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.save();
    });
  }

  get order() {
    return this.#seen;
  }

  get isDirty() {
    return this.#seen !== undefined && Object.keys(this.#changes()).length > 0;
  }

  /** @param {string} id */
  async load(id) {
    const answer = await call('GET', `/orders/${id}`);
    if (!answer.ok) return this.#notice(messageOf(answer), false, true);
    this.show(answer.body);
  }

  /** @param {any} order */
  show(order) {
    this.#seen = order;
    this.#draft = structuredClone(order);
    this.#notice();
    this.#render();
  }

  /** Someone else has committed a change of this order. Values that were edited here stay, with what was seen. */
  async changedElsewhere() {
    if (!this.isDirty) return this.load(this.#seen.id);
    this.#notice(
      'This order was changed elsewhere after you began. What you save is checked against what you saw.',
      true,
    );
  }

  async save() {
    if (this.#saving || !this.#seen) return;
    this.#saving = true;
    try {
      const changes = this.#changes();
      const answer = await call('PATCH', `/orders/${this.#seen.id}`, { ...changes, seen: this.#seenOf(changes) });
      if (answer.ok) {
        if (Object.keys(changes).length === 0) announce('Saved without a change: nothing was sent to the database.');
        this.show(answer.body);
      } else {
        this.#notice(messageOf(answer), answer.status === 409, true);
      }
    } finally {
      this.#saving = false;
    }
  }

  /** Only what differs from what was seen. */
  #changes() {
    const [seen, draft] = [this.#seen, this.#draft];
    const items = draft.items.filter(({ quantity }, nth) => quantity !== seen.items[nth].quantity);
    const address = Object.fromEntries(
      ADDRESS.filter((part) => draft.address[part] !== seen.address[part]).map((part) => [part, draft.address[part]]),
    );
    return {
      ...(items.length > 0 && { items: items.map(({ sku, quantity }) => ({ sku, quantity })) }),
      ...(draft.note !== seen.note && { note: draft.note }),
      ...(JSON.stringify(draft.tags) !== JSON.stringify(seen.tags) && { tags: draft.tags }),
      ...(Object.keys(address).length > 0 && { address }),
    };
  }

  /** The values that the user saw, of what they changed. */
  #seenOf(changes) {
    const seen = this.#seen;
    const lines = changes.items?.map(({ sku }) => seen.items.find((item) => item.sku === sku));
    const address = changes.address && Object.keys(changes.address).map((part) => [part, seen.address[part]]);
    return {
      ...(lines && { items: lines.map(({ sku, quantity }) => ({ sku, quantity })) }),
      ...(changes.note !== undefined && { note: seen.note }),
      ...(changes.tags && { tags: seen.tags }),
      ...(address && { address: Object.fromEntries(address) }),
    };
  }

  #render() {
    const [seen, draft] = [this.#seen, this.#draft];
    const changed = () => this.#mark();
    this.form.replaceChildren(
      itemRows(seen, draft, changed),
      noteField(draft, changed),
      tagField(draft, changed),
      addressFields(ADDRESS, draft, changed),
      el(
        'footer',
        { class: 'order-foot' },
        el('p', { id: 'order-changes', role: 'status' }),
        el('button', { type: 'button', id: 'order-undo', onclick: () => this.#undo() }, 'Undo'),
        el('button', { type: 'submit', class: 'primary', id: 'order-save' }, 'Save'),
      ),
    );
    this.#mark();
  }

  #undo() {
    this.show(this.#seen);
    byId('order-save').focus();
  }

  /** Shows what differs from what was seen. */
  #mark() {
    const names = [];
    for (const field of this.form.querySelectorAll('[data-field]')) {
      const was = valueAt(this.#seen, field.dataset.field);
      const isChanged = JSON.stringify(was) !== JSON.stringify(valueAt(this.#draft, field.dataset.field));
      field.classList.toggle('is-changed', isChanged);
      const hint = field.querySelector('.was');
      if (hint) hint.textContent = isChanged ? `was ${textOf(was)}` : '';
      if (isChanged) names.push(field.dataset.name);
    }
    const text = names.length === 0 ? 'No changes' : `Changed: ${names.join(', ')}`;
    const status = byId('order-changes');
    if (status.textContent !== text) status.textContent = text; // said once, not at every key
    byId('order-undo').disabled = names.length === 0;
  }

  #notice(text = '', mayReload = false, isRefusal = false) {
    const notice = byId('order-notice');
    notice.hidden = text === '';
    notice.classList.toggle('is-refused', isRefusal);
    const reload = () => void this.load(this.#seen.id);
    notice.replaceChildren(
      el('span', {}, text),
      mayReload ? el('button', { type: 'button', onclick: reload }, 'Show what is stored now') : '',
    );
  }
}

function valueAt(order, path) {
  return path.split('.').reduce((value, part) => value?.[part], order);
}

function textOf(value) {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ');
  return value === '' ? 'empty' : String(value);
}
