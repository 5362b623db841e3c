/** What the page's address asks for: which sandbox, or what to make one of, and how it is to look. Pure. */
import { VIEWS, type ViewName } from './views.ts';

export interface Sandbox {
  id: string;
  token: string;
}

export interface Options {
  theme: 'light' | 'dark' | 'auto';
  /** `#rrggbb` */
  accent?: string;
  /** Whether the frame is to be as high as what is in it. */
  autoHeight: boolean;
  views: ViewName[];
  /** Whether a sandbox is made at once, or when its reader asks for it. */
  loading: 'eager' | 'click';
  /** The one namespace that is looked at, for a token that opens no more. */
  namespace?: string;
}

/** What a sandbox is made of; `packed` as `spec.ts` unpacks it. */
export interface Wish {
  packed?: string;
  manifests?: string;
}

export type Aim =
  | { kind: 'welcome' }
  | { kind: 'open'; sandbox: Sandbox }
  | { kind: 'make'; wish: Wish }
  | { kind: 'wrong'; message: string };

export interface Address {
  aim: Aim;
  options: Options;
  /** The lines to show and to run; undefined if the address says nothing of them. */
  commands?: string[];
}

class Wrong extends Error {}

const STYLE_NAMES = ['theme', 'accent', 'height', 'view', 'namespace'];
/** What is of the sandbox: it stays behind the #, where no server sees it. */
const PRIVATE_NAMES = ['token', 'manifests', 'commands', 'spec'];
const NAMES = [...STYLE_NAMES, 'loading', 'template', ...PRIVATE_NAMES];

/**
 * `/#ID/TOKEN`, `/embed/ID#TOKEN`, `/embed/new#manifests=…`, each with options behind `&`. Options of looks may stand in the query too.
 * What cannot be understood is told as `wrong`, with what could be.
 */
export function readAddress(pathname: string, search: string, hash: string): Address {
  const options: Options = { theme: 'auto', autoHeight: false, views: [...VIEWS], loading: 'eager' };
  try {
    const fields = fieldsOf(search, hash);
    readOptions(options, fields);
    const commands = fields.get('commands')?.split(/\r?\n/);
    const lines = commands?.map((line) => line.trim()).filter((line) => line !== '');
    return { aim: aimOf(pathname, fields), options, ...(lines ? { commands: lines } : {}) };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { aim: { kind: 'wrong', message: error.message }, options };
  }
}

/** The fields of both; a first part of the fragment without a name is the token. */
function fieldsOf(search: string, hash: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(search)) {
    if (PRIVATE_NAMES.includes(name)) throw new Wrong(`“${name}” belongs behind the #, where no server sees it.`);
    if (NAMES.includes(name)) fields.set(name, value);
  }
  const parts = hash.replace(/^#/, '').split('&');
  for (const [index, part] of parts.entries()) {
    if (part === '') continue;
    const at = part.indexOf('=');
    const name = at < 0 ? '' : part.slice(0, at);
    if (at < 0 && index > 0) throw new Wrong(`“${shortened(part)}” says nothing: options are name=value.`);
    if (at >= 0 && !NAMES.includes(name))
      throw new Wrong(`There is no option “${shortened(name)}”. There are: ${NAMES.join(', ')}.`);
    fields.set(name || 'token', decoded(name || 'token', part.slice(at + 1)));
  }
  return fields;
}

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** A plus is a space, as forms write it; a plus itself is always written %2B. */
function decoded(name: string, text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new Wrong(`“${name}” is not percent-encoded: write it with encodeURIComponent.`);
  }
}

function oneOf<const Value extends string>(fields: Map<string, string>, name: string, values: Value[]) {
  const given = fields.get(name);
  if (given === undefined) return undefined;
  const found = values.find((value) => value === given);
  if (!found) throw new Wrong(`“${name}” is one of ${values.join(', ')}, not “${shortened(given)}”.`);
  return found;
}

function readOptions(options: Options, fields: Map<string, string>): void {
  options.theme = oneOf(fields, 'theme', ['light', 'dark', 'auto']) ?? 'auto';
  options.loading = oneOf(fields, 'loading', ['eager', 'click']) ?? 'eager';
  options.autoHeight = oneOf(fields, 'height', ['auto']) === 'auto';
  const accent = fields.get('accent');
  if (accent !== undefined) {
    if (!/^#?([\da-f]{3}|[\da-f]{6})$/i.test(accent))
      throw new Wrong(`“accent” is a colour as #b4401f, with its # written %23.`);
    const digits = accent.replace('#', '').toLowerCase();
    options.accent = `#${digits.length === 3 ? digits.replace(/./g, '$&$&') : digits}`;
  }
  const views = fields.get('view')?.split(/[ ,]+/).filter(Boolean);
  const strange = views?.find((name) => !VIEWS.includes(name as ViewName));
  if (strange !== undefined || views?.length === 0)
    throw new Wrong(`“view” has some of ${VIEWS.join(', ')}, not “${shortened(strange ?? '')}”.`);
  if (views) options.views = [...new Set(views as ViewName[])];
  const namespace = fields.get('namespace');
  if (namespace !== undefined) {
    if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) throw new Wrong('“namespace” is no namespace’s name.');
    options.namespace = namespace;
  }
}

function aimOf(pathname: string, fields: Map<string, string>): Aim {
  if (fields.has('template')) throw new Wrong('Templates are not there yet: use manifests= or spec=.');
  const [manifests, packed] = [fields.get('manifests'), fields.get('spec')];
  const embedded = /^\/embed\/([^/]+)\/?$/.exec(pathname)?.[1];
  if (embedded === 'new') {
    if (fields.has('token')) throw new Wrong('A new sandbox has no token yet: “token” is for /embed/ID.');
    return { kind: 'make', wish: { ...(packed ? { packed } : {}), ...(manifests ? { manifests } : {}) } };
  }
  if (manifests !== undefined || packed !== undefined)
    throw new Wrong('“manifests” and “spec” are for a new sandbox, at /embed/new.');
  const token = fields.get('token');
  if (embedded !== undefined) {
    if (!token) throw new Wrong('This address needs the cluster’s token behind it: /embed/ID#TOKEN');
    return { kind: 'open', sandbox: { id: embedded, token } };
  }
  if (!token) return { kind: 'welcome' };
  const [id, secret] = token.split('/');
  if (!id || !secret) throw new Wrong('This address needs a cluster and its token: /#ID/TOKEN');
  return { kind: 'open', sandbox: { id, token: secret } };
}
