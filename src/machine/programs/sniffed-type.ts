/** The type that a server of Go's gives an answer that has none, as far as texts go: it looks at how it begins. */
import type { Bytes } from '../bytes.ts';

const HTML =
  /^[\t\n\f\r ]*<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|!--)[ >]/i;

export function sniffedType(body: Bytes): string {
  if (HTML.test(body)) return 'text/html; charset=utf-8';
  return /^[\t\n\f\r ]*<\?xml/.test(body) ? 'text/xml; charset=utf-8' : 'text/plain; charset=utf-8';
}
