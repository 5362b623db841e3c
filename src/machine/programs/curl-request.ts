/** What curl sends: its options, the body and the headers that they make. */
import type { Bytes } from '../bytes.ts';
import type { Process } from '../program.ts';
import { Failure } from './applet.ts';
import { type Headers, headerOf } from './http.ts';
import { hostOf, type Url } from './http-client.ts';
import type { OptionSpec, Options, OptionWords } from './options.ts';

const LONG = {
  silent: 's',
  'show-error': 'S',
  fail: 'f',
  'fail-with-body': 'fail-with-body',
  location: 'L',
  'output=': 'o',
  'remote-name': 'O',
  head: 'I',
  include: 'i',
  verbose: 'v',
  'request=': 'X',
  'data=': 'd',
  'data-raw=': 'd',
  'data-binary=': 'data-binary',
  'data-urlencode=': 'data-urlencode',
  'json=': 'json',
  'header=': 'H',
  'max-time=': 'm',
  'connect-timeout=': 'connect-timeout',
  insecure: 'k',
  'write-out=': 'w',
  'user=': 'u',
  'user-agent=': 'A',
  'cookie=': 'b',
  get: 'G',
  'referer=': 'e',
  'retry=': 'retry',
  'retry-delay=': 'retry-delay',
  'retry-connrefused': 'retry-connrefused',
  'url=': 'url',
  'resolve=': 'resolve',
  'cacert=': 'cacert',
  'cert=': 'cert',
  'key=': 'key',
  'upload-file=': 'T',
  'form=': 'F',
  'no-progress-meter': 's',
  compressed: 'compressed',
  ipv4: '4',
  ipv6: '6',
  'http1.1': '1',
  'noproxy=': 'noproxy',
  'proxy=': 'x',
  version: 'V',
  'no-buffer': 'N',
  'max-redirs=': 'max-redirs',
  'interface=': 'interface',
  'range=': 'r',
  disable: 'q',
  globoff: 'g',
  'progress-bar': '#',
  'cookie-jar=': 'c',
  'junk-session-cookies': 'j',
  'http1.0': '0',
  'tcp-nodelay': 'tcp-nodelay',
  'no-keepalive': 'no-keepalive',
  'keepalive-time=': 'keepalive-time',
  'path-as-is': 'path-as-is',
  'retry-all-errors': 'retry-all-errors',
  'retry-max-time=': 'retry-max-time',
  'fail-early': 'fail-early',
  'local-port=': 'local-port',
};

const HINT = "try 'curl --help' or 'curl --manual' for more information";
const WORDS: OptionWords = {
  unknown: (option) => new Failure(`option ${option}: is unknown\ncurl: ${HINT}`, 2),
  needsValue: (option) => new Failure(`option ${option}: requires parameter\ncurl: ${HINT}`, 2),
};

export const CURL_OPTIONS: OptionSpec = {
  short: 'sSfLo:OIivX:d:H:m:kw:u:A:b:Ge:T:F:46x:V#Nc:gj0qr:nRZ',
  long: LONG,
  words: WORDS,
};

const USER_AGENT = 'curl/8.7.1';

export interface RequestBody {
  body: Bytes;
  type: string;
}

/** What -d and its kin send. */
export function bodyOf(process: Process, options: Options): RequestBody | undefined {
  const read = (text: string, keepsLines: boolean): Bytes => {
    if (!text.startsWith('@')) return text;
    const bytes = process.files.read(text.slice(1));
    return keepsLines ? bytes : bytes.replace(/[\r\n]/g, '');
  };
  const json = options.values('json');
  if (json.length > 0) return { body: json.map((text) => read(text, true)).join(''), type: 'application/json' };
  const encoded = options
    .values('data-urlencode')
    .map((text) =>
      text.replace(
        /^([^=]*=)?(.*)$/s,
        (_, name: string | undefined, value: string) => (name ?? '') + encodeURIComponent(value),
      ),
    );
  const parts = [
    ...options.values('d').map((text) => read(text, false)),
    ...options.values('data-binary').map((text) => read(text, true)),
    ...encoded,
  ];
  const upload = options.value('T');
  if (upload !== undefined) return { body: process.files.read(upload), type: 'application/octet-stream' };
  return parts.length > 0 ? { body: parts.join('&'), type: 'application/x-www-form-urlencoded' } : undefined;
}

export function requestHeaders(options: Options, url: Url, data: RequestBody | undefined): Headers {
  const own = options.values('H').map((line): [string, string] => {
    const colon = line.indexOf(':');
    return colon < 0 ? [line.replace(/;$/, ''), ''] : [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const user = options.value('u') ?? url.user;
  const defaults: [string, string | undefined][] = [
    ['Host', hostOf(url)],
    ['Authorization', user === undefined ? undefined : `Basic ${btoa(user)}`],
    ['User-Agent', options.value('A') ?? USER_AGENT],
    ['Accept', options.has('json') ? 'application/json' : '*/*'],
    ['Referer', options.value('e')],
    ['Range', options.has('r') ? `bytes=${options.value('r')}` : undefined],
    ['Cookie', options.value('b')],
    ['Content-Length', data === undefined ? undefined : String(data.body.length)],
    ['Content-Type', data?.type],
  ];
  return [
    ...defaults.filter(
      (pair): pair is [string, string] => pair[1] !== undefined && headerOf(own, pair[0]) === undefined,
    ),
    ...own.filter(([, value]) => value !== ''),
  ];
}
