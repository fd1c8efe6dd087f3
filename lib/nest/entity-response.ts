import { holdsEntities, jsonBytes } from '../unit-of-work/entity-json.js';

/** What is used of a response of Express. */
interface ExpressResponse {
  readonly app: { get(setting: string): unknown };
  json(body: unknown): unknown;
  send(body: unknown): unknown;
  get(header: string): unknown;
  set(header: string, value: string): unknown;
}

/** What is used of a reply of Fastify. */
interface FastifyReply {
  readonly routeOptions?: { readonly schema?: { readonly response?: unknown } };
  send(payload?: unknown): unknown;
  hasHeader(name: string): boolean;
  header(name: string, value: string): unknown;
  serializer(serialize: (payload: unknown) => string | Buffer): unknown;
}

/**
 * Lets a response write the JSON of entities straight from their bytes, without a JavaScript value between. The very
 * last step: interceptors, class-transformer's among them, have seen the entities before, and what they made of them is
 * serialised as ever. So is everything where the application has settings of its own for JSON.
 */
export function answerFromBytes(response: unknown): void {
  if (isExpress(response)) answerExpress(response);
  else if (isFastify(response)) answerFastify(response);
}

const prepared = new WeakSet<object>();

function answerExpress(response: ExpressResponse): void {
  if (prepared.has(response)) return;
  prepared.add(response);
  const json = response.json.bind(response);
  response.json = (body) => {
    const isOwn = ['json escape', 'json replacer', 'json spaces'].some((setting) => Boolean(response.app.get(setting)));
    const bytes = !isOwn && holdsEntities(body) ? jsonBytes(body) : undefined;
    if (bytes === undefined) return json(body);
    if (response.get('Content-Type') === undefined) response.set('Content-Type', 'application/json');
    return response.send(bytes);
  };
}

function answerFastify(reply: FastifyReply): void {
  if (prepared.has(reply)) return;
  prepared.add(reply);
  const send = reply.send.bind(reply);
  reply.send = (payload) => {
    if (holdsEntities(payload) && !hasSerializer(reply)) {
      if (!reply.hasHeader('content-type')) reply.header('content-type', 'application/json; charset=utf-8');
      // What a hook makes of it is serialised as Fastify would.
      reply.serializer((last) => (holdsEntities(last) ? jsonBytes(last) : undefined) ?? JSON.stringify(last));
    }
    return send(payload);
  };
}

/** Does the route or the application say how answers are serialised? Fastify tells it by symbols only. */
function hasSerializer(reply: FastifyReply): boolean {
  if (reply.routeOptions?.schema?.response !== undefined || valueBy(reply, 'fastify.reply.serializer') != null)
    return true;
  const context = valueBy((reply as { request?: object }).request ?? {}, 'fastify.context');
  return typeof context === 'object' && context !== null && valueBy(context, 'fastify.replySerializerDefault') != null;
}

function valueBy(object: object, description: string): unknown {
  const symbol = Object.getOwnPropertySymbols(object).find((one) => one.description === description);
  return symbol === undefined ? undefined : (object as Record<symbol, unknown>)[symbol];
}

function isExpress(response: unknown): response is ExpressResponse {
  const { app, json, send } = (response ?? {}) as Partial<ExpressResponse>;
  return typeof app?.get === 'function' && typeof json === 'function' && typeof send === 'function';
}

function isFastify(response: unknown): response is FastifyReply {
  const { serializer, send, header } = (response ?? {}) as Partial<FastifyReply>;
  return typeof serializer === 'function' && typeof send === 'function' && typeof header === 'function';
}
