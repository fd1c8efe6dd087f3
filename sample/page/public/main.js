import { call, isOwn, messageOf } from './api.js';
import { announce, byId, el } from './dom.js';
import { Experiments } from './experiments.js';
import { History } from './history.js';
import { OrderForm } from './order-form.js';
import { CommitStream } from './stream.js';
import { Wire } from './wire.js';

const stream = new CommitStream();
const form = new OrderForm();
const wire = new Wire();
const history = new History((commit) => {
  wire.show(commit);
  byId('wire').scrollIntoView({ block: 'nearest' });
  announce('The commit is shown.');
});
const experiments = new Experiments(stream, form);

stream.on('commit', (detail) => {
  wire.add(detail);
  history.commit(detail);
  const concerns = detail.writes.some(({ id }) => id === form.order?.id);
  if (concerns && !(detail.request && isOwn(detail.request.id))) void form.changedElsewhere();
});
stream.on('request', (detail) => history.request(detail));
stream.on('state', (detail) => {
  showConnection(detail);
  if (detail.state === 'live' && detail.again) void form.changedElsewhere();
  if (detail.state === 'live' && !form.order) void loadOrders();
});
byId('order-pick').addEventListener('change', ({ target }) => void form.load(target.value));
experiments.wire();
stream.open();

/** The first order is one with more than one line: there is more to see. */
async function loadOrders() {
  const answer = await call('GET', '/orders?limit=20');
  if (!answer.ok) return announce(messageOf(answer));
  const orders = answer.body;
  byId('order-pick').replaceChildren(...orders.map((order) => el('option', { value: order.id }, titleOf(order))));
  const first = orders.find(({ items }) => items.length > 1 && items.length < 4) ?? orders[0];
  if (!first) return;
  byId('order-pick').value = first.id;
  form.show(first);
}

function titleOf({ id, status, items }) {
  return `…${id.slice(-6)} · ${status} · ${items.length} line${items.length === 1 ? '' : 's'}`;
}

function showConnection({ state, again, restarted }) {
  const pill = byId('connection');
  pill.dataset.state = state;
  if (state === 'lost') pill.textContent = 'Connection lost. Trying again …';
  else if (restarted) pill.textContent = 'Live again: the server was restarted';
  else pill.textContent = again ? 'Live again' : 'Live';
}
