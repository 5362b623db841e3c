/**
 * What a page or a redirect behind a proxy refers to, made to lead through the proxy again.
 * Source: k8s.io/apimachinery/pkg/util/proxy/transport.go.
 */
import { concatenated } from '../../simulation/concatenated.ts';

/** Where a page is seen through a proxy. */
export interface ProxiedPlace {
  /** The path of the proxy itself, `/api/v1/namespaces/default/pods/web/proxy`. */
  prefix: string;
  /** The host that the page comes from, and the one that the client asked: links to others are left alone. */
  hosts: readonly string[];
}

/** Which attributes of which elements are URLs. */
const URL_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  a: ['href'],
  applet: ['codebase'],
  area: ['href'],
  audio: ['src'],
  base: ['href'],
  blockquote: ['cite'],
  body: ['background'],
  button: ['formaction'],
  command: ['icon'],
  del: ['cite'],
  embed: ['src'],
  form: ['action'],
  frame: ['longdesc', 'src'],
  head: ['profile'],
  html: ['manifest'],
  iframe: ['longdesc', 'src'],
  img: ['longdesc', 'src', 'usemap'],
  input: ['src', 'usemap', 'formaction'],
  ins: ['cite'],
  link: ['href'],
  object: ['classid', 'codebase', 'data', 'usemap'],
  q: ['cite'],
  script: ['src'],
  source: ['src'],
  video: ['poster', 'src'],
};

/** Elements whose content is text up to their end. */
const RAW_TEXT = new Set(['iframe', 'noembed', 'noframes', 'script', 'style', 'textarea', 'title', 'xmp']);

/** Bytes of a page whose links are looked at; a longer one goes out as it is. */
export const MAX_LINKED_BYTES = 1024 * 1024;

const URL_PARTS = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(.*)$/s;

/** Without `.`, `..` and doubled slashes, as Go's path.Join leaves it. */
function cleaned(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** A URL that a page refers to, through the proxy where it means the page's own host and a path from its root. */
export function proxiedUrl(url: string, { prefix, hosts }: ProxiedPlace): string {
  const [, , host = '', path = '', rest = ''] = URL_PARTS.exec(url)!;
  if ((host !== '' && !hosts.includes(host)) || !path.startsWith('/')) return url;
  if (path.startsWith(prefix)) return path + rest;
  return `${cleaned(prefix + path)}${path.endsWith('/') ? '/' : ''}${rest}`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  '#39': "'",
  '#34': '"',
};
const unescaped = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|apos|#39|#34);/g, (_, name: string) => ENTITIES[name]!);
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
/** The same of what is escaped already, but for what ends an attribute. */
const quoted = (text: string): string => text.replace(/[<>"']/g, (character) => ESCAPES[character]!);

/** Reads the tags of a text once. */
class Page {
  readonly #text: string;
  readonly #place: ProxiedPlace;
  #at = 0;
  #out = '';

  constructor(text: string, place: ProxiedPlace) {
    this.#text = text;
    this.#place = place;
  }

  rewritten(): string {
    for (;;) {
      const open = this.#text.indexOf('<', this.#at);
      if (open < 0) return this.#out + this.#text.slice(this.#at);
      this.#copyTo(open);
      if (this.#text.startsWith('<!--', open)) this.#copyPast('-->');
      else if (/[a-zA-Z]/.test(this.#text[open + 1] ?? '')) {
        if (!this.#tag()) return this.#out + this.#text.slice(this.#at);
      } else this.#copyTo(open + 1);
    }
  }

  #copyTo(end: number): void {
    this.#out += this.#text.slice(this.#at, end);
    this.#at = end;
  }

  #copyPast(mark: string): void {
    const found = this.#text.indexOf(mark, this.#at);
    this.#copyTo(found < 0 ? this.#text.length : found + mark.length);
  }

  /** @returns whether the tag has an end. */
  #tag(): boolean {
    const end = this.#endOfTag();
    if (end < 0) return false;
    const inner = this.#text.slice(this.#at + 1, end);
    const isClosed = inner.endsWith('/');
    const [, name = '', attributes = ''] = /^([^\t\n\f\r />]+)(.*?)\/?$/s.exec(inner) ?? [];
    const element = name.toLowerCase();
    this.#out += `<${element}${this.#attributes(element, attributes)}${isClosed ? '/' : ''}>`;
    this.#at = end + 1;
    if (RAW_TEXT.has(element) && !isClosed) this.#copyRaw(element);
    return true;
  }

  /** Of the tag that begins here: its `>`, past those that are quoted. */
  #endOfTag(): number {
    let quote: string | undefined;
    for (let i = this.#at; i < this.#text.length; i++) {
      const character = this.#text[i]!;
      if (quote !== undefined) {
        if (character === quote) quote = undefined;
      } else if (
        (character === '"' || character === "'") &&
        /=[\t\n\f\r ]*$/.test(this.#text.slice(Math.max(this.#at, i - 8), i))
      )
        quote = character;
      else if (character === '>') return i;
    }
    return -1;
  }

  #copyRaw(element: string): void {
    const rest = new RegExp(`</${element}[\\t\\n\\f\\r />]`, 'gi');
    rest.lastIndex = this.#at;
    this.#copyTo(rest.exec(this.#text)?.index ?? this.#text.length);
  }

  #attributes(element: string, text: string): string {
    const urls = URL_ATTRIBUTES[element];
    let out = '';
    for (const [, key = '', double, single, bare] of text.matchAll(
      /([^\t\n\f\r />=]+)(?:[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)'|([^\t\n\f\r >]*)))?/g,
    )) {
      const name = key.toLowerCase();
      const value = double ?? single ?? bare ?? '';
      out += ` ${name}="${urls?.includes(name) ? escaped(proxiedUrl(unescaped(value), this.#place)) : quoted(value)}"`;
    }
    return out;
  }
}

/** A page whose links lead through the proxy. */
export const proxiedPage = (html: string, place: ProxiedPlace): string => new Page(html, place).rewritten();

/** An answer as the proxy's client gets it. */
export async function proxiedAnswer(answer: Response, place: ProxiedPlace): Promise<Response> {
  const { status } = answer;
  const headers = new Headers(answer.headers);
  const location = headers.get('location');
  if (location) {
    headers.set('location', proxiedUrl(location, place));
    return new Response(answer.body, { status, headers });
  }
  const type = (headers.get('content-type') ?? '').split(';')[0]!.trim();
  if (!answer.body || type !== 'text/html' || headers.has('content-encoding')) return answer;
  const page = await beginningOf(answer.body);
  headers.delete('content-length');
  if (page.rest) return new Response(page.rest, { status, headers });
  return new Response(proxiedPage(new TextDecoder().decode(page.whole), place), { status, headers });
}

/** A body as a whole, or what is too long for that as it comes. */
async function beginningOf(
  body: ReadableStream<Uint8Array>,
): Promise<{ whole: Uint8Array; rest?: undefined } | { rest: ReadableStream<Uint8Array> }> {
  const reader = body.getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  while (size <= MAX_LINKED_BYTES) {
    const { done, value } = await reader.read();
    if (done) return { whole: concatenated(parts) };
    parts.push(value);
    size += value.length;
  }
  const rest = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const part = parts.shift() ?? (await reader.read()).value;
      if (part) controller.enqueue(part);
      else controller.close();
    },
    cancel: (why) => reader.cancel(why),
  });
  return { rest };
}
