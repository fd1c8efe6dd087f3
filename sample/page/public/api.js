/** Requests that this page made: the stream tells of them too. */
const own = new Set();

/** @param {string} requestId */
export function isOwn(requestId) {
  return own.has(requestId);
}

/**
 * Asks the server. An answer of any status is an answer.
 *
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<{ id: string, status: number, ok: boolean, body: any }>} the id is the one that the stream tells
 */
export async function call(method, path, body) {
  const id = requestId();
  own.add(id);
  const headers = { 'x-request-id': id, ...(body !== undefined && { 'content-type': 'application/json' }) };
  try {
    const response = await fetch(path, {
      cache: 'no-store',
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { id, status: response.status, ok: response.ok, body: text ? JSON.parse(text) : undefined };
  } catch {
    return { id, status: 0, ok: false, body: { message: 'The server does not answer. Is it still running?' } };
  }
}

/** What a failed call says. @param {{ body: any, status: number }} answer */
export function messageOf({ body, status }) {
  const message = Array.isArray(body?.message) ? body.message.join('; ') : body?.message;
  return message ?? `The server answered ${status}.`;
}

/** `crypto.randomUUID` is there on secure origins only; a shop may be looked at over plain HTTP. */
function requestId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
