import { announce, el, moneyText } from './dom.js';

/** The lines of an order, each with its quantity. */
export function itemRows(seen, draft, changed) {
  const rows = draft.items.map((item, nth) => {
    const id = `quantity-${nth}`;
    const input = el('input', {
      id,
      type: 'number',
      inputmode: 'numeric',
      min: 1,
      max: 1000,
      value: item.quantity,
      'aria-describedby': `${id}-was`,
    });
    const set = (quantity) => {
      item.quantity = quantity;
      changed();
    };
    const step = (by) => {
      const quantity = Math.min(1000, Math.max(1, item.quantity + by));
      input.value = String(quantity);
      set(quantity);
    };
    input.addEventListener('input', () => set(input.value === '' ? null : Number(input.value)));
    return el(
      'li',
      { class: 'item', 'data-field': `items.${nth}.quantity`, 'data-name': `quantity of ${item.sku}` },
      el(
        'label',
        { for: id },
        el('span', { class: 'hidden' }, 'Quantity of '),
        el('b', {}, item.name),
        el('small', {}, ` ${item.sku} · ${moneyText(item.price)}`),
      ),
      el('span', { class: 'was', id: `${id}-was` }),
      el(
        'span',
        { class: 'stepper' },
        el('button', { type: 'button', 'aria-label': `One less of ${item.name}`, onclick: () => step(-1) }, '−'),
        input,
        el('button', { type: 'button', 'aria-label': `One more of ${item.name}`, onclick: () => step(1) }, '+'),
      ),
    );
  });
  return el('fieldset', { class: 'items' }, el('legend', {}, 'Quantities'), el('ul', {}, ...rows));
}

export function noteField(draft, changed) {
  const area = el('textarea', { id: 'note', rows: 2, maxlength: 500, 'aria-describedby': 'note-was' }, draft.note);
  area.addEventListener('input', () => {
    draft.note = area.value;
    changed();
  });
  return field('note', 'note', 'Note', area);
}

/** Tags: Enter or a comma adds one, Backspace in the empty field removes the last. */
export function tagField(draft, changed) {
  const list = el('ul', { class: 'tags' });
  const input = el('input', {
    id: 'tag',
    type: 'text',
    maxlength: 30,
    enterkeyhint: 'done',
    placeholder: 'Add a tag',
    'aria-describedby': 'tags-was',
  });
  const render = () => {
    list.replaceChildren(
      ...draft.tags.map((tag, nth) =>
        el(
          'li',
          {},
          tag,
          el('button', { type: 'button', 'aria-label': `Remove the tag ${tag}`, onclick: () => remove(nth) }, '×'),
        ),
      ),
    );
    list.hidden = draft.tags.length === 0;
    changed();
  };
  const remove = (nth) => {
    const [tag] = draft.tags.splice(nth, 1);
    render();
    input.focus();
    announce(`Removed the tag ${tag}.`);
  };
  const add = () => {
    const tag = input.value.replace(/,/g, '').trim();
    input.value = '';
    if (tag === '' || draft.tags.includes(tag)) return;
    draft.tags.push(tag);
    render();
    announce(`Added the tag ${tag}.`);
  };
  input.addEventListener('keydown', (event) => {
    if ((event.key === 'Enter' && input.value.trim() !== '') || event.key === ',') {
      event.preventDefault();
      add();
    } else if (event.key === 'Backspace' && input.value === '' && draft.tags.length > 0) remove(draft.tags.length - 1);
  });
  input.addEventListener('change', add);
  // The form is not there yet: it marks what changed when it is.
  const mark = changed;
  changed = () => undefined;
  render();
  changed = mark;
  const box = field('tags', 'tags', 'Tags', el('div', { class: 'tag-box' }, list, input));
  box.querySelector('label').htmlFor = 'tag';
  return box;
}

export function addressFields(parts, draft, changed) {
  const inputs = parts.map((part) => {
    const input = el('input', {
      id: part,
      type: 'text',
      maxlength: part === 'zip' ? 20 : 100,
      value: draft.address[part],
      'aria-describedby': `${part}-was`,
    });
    input.addEventListener('input', () => {
      draft.address[part] = input.value;
      changed();
    });
    const label = part === 'zip' ? 'ZIP' : part[0].toUpperCase() + part.slice(1);
    return field(`address.${part}`, part, label, input);
  });
  return el('fieldset', { class: 'address' }, el('legend', {}, 'Address'), el('div', { class: 'grid' }, ...inputs));
}

/** A labelled field, with room for what it was. */
function field(path, id, label, control) {
  return el(
    'div',
    { class: `field of-${id}`, 'data-field': path, 'data-name': path },
    el('span', { class: 'label' }, el('label', { for: id }, label), el('span', { class: 'was', id: `${id}-was` })),
    control,
  );
}
