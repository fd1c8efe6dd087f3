/**
 * Why mongod ended, from what it logged: structured lines, of which the first error or fatal one tells. Older and
 * broken builds print plain text; then it is the last line.
 *
 * @param {string} log
 * @returns {string | undefined}
 */
export function reasonInLog(log) {
  const lines = log.split('\n').filter(Boolean);
  for (const line of lines) {
    const entry = parsed(line);
    if (entry?.s !== 'E' && entry?.s !== 'F') continue;
    const error = entry.attr?.error;
    const detail = typeof error === 'string' ? error : error?.errmsg;
    return detail ? `${entry.msg?.trim()}: ${detail}` : entry.msg?.trim();
  }
  const last = lines.at(-1);
  return last?.startsWith('{') ? undefined : last;
}

/**
 * @param {string} line
 * @returns {{ s?: string, msg?: string, attr?: { error?: string | { errmsg?: string } } } | undefined}
 */
function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
