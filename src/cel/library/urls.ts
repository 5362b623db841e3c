/** URLs and their parts. Source: k8s.io/apiserver's pkg/cel/library/urls.go. */
import {
  escapedPath,
  hostname,
  type ParsedURL,
  parseURL,
  port,
  queryValues,
  requestURIProblem,
  URLError,
} from '../../objects/go-url.ts';
import type { FunctionTable } from '../declarations.ts';
import { struct } from '../type.ts';
import { ArrayList, CelError, CelObject, EntryMap, noSuchOverload, type Value } from '../value.ts';

const URL_TYPE = struct('kubernetes.URL');

class CelURL extends CelObject {
  readonly type = URL_TYPE;
  readonly url: ParsedURL;
  constructor(url: ParsedURL) {
    super();
    this.url = url;
  }

  override equals(other: Value): boolean | CelError {
    return other instanceof CelURL ? other.url.text === this.url.text : noSuchOverload();
  }
}

function read(text: string): Value {
  const url = parseURL(text);
  if (url instanceof URLError) return new CelError(`URL parse error during conversion from string: ${url.message}`);
  return new CelURL(url);
}

const query = ({ url }: CelURL): Value =>
  EntryMap.ofPairs([...queryValues(url)].map(([name, values]) => [name, new ArrayList(values)]));

export const URLS: FunctionTable = {
  url: [['string_to_url', '(string) -> kubernetes.URL', read]],
  isURL: [['is_url_string', '(string) -> bool', (text: string) => requestURIProblem(text) === undefined]],
  getScheme: [['url_get_scheme', 'kubernetes.URL.() -> string', ({ url }: CelURL) => url.scheme]],
  getHost: [['url_get_host', 'kubernetes.URL.() -> string', ({ url }: CelURL) => url.host]],
  getHostname: [['url_get_hostname', 'kubernetes.URL.() -> string', ({ url }: CelURL) => hostname(url)]],
  getPort: [['url_get_port', 'kubernetes.URL.() -> string', ({ url }: CelURL) => port(url)]],
  getEscapedPath: [['url_get_escaped_path', 'kubernetes.URL.() -> string', ({ url }: CelURL) => escapedPath(url)]],
  getQuery: [['url_get_query', 'kubernetes.URL.() -> map(string, list(string))', query]],
};
