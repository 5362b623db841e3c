/** What form the client wants its answer in. Source: k8s.io/apiserver/pkg/endpoints/handlers/negotiation. */
import { own } from '../../objects/own.ts';
import { StatusError } from '../../objects/status.ts';

export type Format = 'json' | 'yaml' | 'protobuf';
export type As = 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';

export interface Accepted {
  format: Format;
  as?: As;
  /** `v1` or `v1beta1` of meta.k8s.io. */
  asVersion?: string;
  pretty: boolean;
}

const FORMATS: Record<string, Format> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/vnd.kubernetes.protobuf': 'protobuf',
  '*/*': 'json',
  'application/*': 'json',
};

const AS: readonly string[] = ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'];

interface Clause {
  type: string;
  parameters: Map<string, string>;
  quality: number;
}

function clauses(header: string): Clause[] {
  const found = header.split(',').map((part): Clause => {
    const [type = '', ...rest] = part.split(';').map((s) => s.trim());
    const parameters = new Map<string, string>();
    for (const parameter of rest) {
      const [name = '', value = ''] = parameter.split('=');
      parameters.set(name.trim(), value.trim());
    }
    return { type: type.toLowerCase(), parameters, quality: Number(parameters.get('q') ?? 1) };
  });
  return found.filter((c) => c.type !== '').sort((a, b) => b.quality - a.quality);
}

export type Answer = 'object' | 'list' | 'watch' | 'plain';

const MEDIA_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

/**
 * What a route says it can answer with is looked for in the header to the letter, before what is accepted is understood. Throws 406.
 * models github.com/emicklei/go-restful, Route.matchesAccept
 */
export function matchRoute(request: Request, types: readonly string[] = MEDIA_TYPES): void {
  const header = request.headers.get('accept') || '*/*';
  const asked = header.split(',').map((part) => part.split(';')[0]!.trim());
  if (asked.some((type) => type === '*/*' || types.includes(type))) return;
  const message = `406: Not Acceptable\n\nAvailable representations: ${types.join(', ')}`;
  throw new StatusError(406, 'NotAcceptable', message, {});
}

/** The form of an answer that says why there is none of the form that was asked for. */
export function errorForm(request: Request, query: URLSearchParams): Accepted {
  const pretty = isPretty(request, query);
  for (const { type } of clauses(request.headers.get('accept') ?? '')) {
    const format = own(FORMATS, type);
    if (format) return { format, pretty };
  }
  return { format: 'json', pretty };
}

/** What of an answer can have which form. */
interface Forms {
  /** Whether it can be a table. */
  tables: boolean;
  /** Whether it has a Protobuf form as a whole; its metadata has one anyway. */
  protobuf: boolean;
}

const ALL_FORMS: Forms = { tables: true, protobuf: true };

/** The first form on offer. Throws 406 when nothing is acceptable. */
export function negotiate(request: Request, query: URLSearchParams, answer: Answer, forms = ALL_FORMS): Accepted {
  const header = request.headers.get('accept') ?? '';
  const pretty = isPretty(request, query);
  if (header.trim() === '') return { format: 'json', pretty };
  for (const { type, parameters } of clauses(header)) {
    const format = own(FORMATS, type);
    if (!format || (answer === 'watch' && format === 'yaml')) continue;
    const as = parameters.get('as');
    if (as === undefined && !parameters.has('g') && !parameters.has('v')) {
      if (format === 'protobuf' && !forms.protobuf) continue;
      return { format, pretty };
    }
    if (answer === 'plain' || !as || !AS.includes(as) || parameters.get('g') !== 'meta.k8s.io') continue;
    const version = parameters.get('v');
    if (version !== 'v1' && version !== 'v1beta1') continue;
    if (as === 'Table' && (format === 'protobuf' || !forms.tables)) continue;
    return { format, as: as as As, asVersion: version, pretty };
  }
  throw notAcceptable(`only the following media types are accepted: ${offered(answer).join(', ')}`);
}

const offered = (answer: Answer): string[] =>
  answer === 'watch'
    ? ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']
    : MEDIA_TYPES;

export const notAcceptable = (message: string): StatusError => new StatusError(406, 'NotAcceptable', message);

/** Browsers and curl get indented text, as the real server does by the user agent. */
function isPretty(request: Request, query: URLSearchParams): boolean {
  const asked = query.get('pretty');
  if (asked !== null) return asked === '' || asked === '1' || asked === 'true';
  const agent = request.headers.get('user-agent') ?? '';
  return agent.startsWith('curl') || agent.startsWith('Wget') || agent.startsWith('Mozilla/5.0');
}
