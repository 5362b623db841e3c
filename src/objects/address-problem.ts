/** Why a text is no address or network, in the words of Go's net/netip. */
import { quoteGo } from './go-quote.ts';

interface Problem {
  message: string;
  at?: string;
}

/** Undefined: it is an address. */
export function addressProblem(text: string): string | undefined {
  const problem = problemOf(text);
  if (!problem) return undefined;
  const at = problem.at ? ` (at ${quoteGo(problem.at)})` : '';
  return `ParseAddr(${quoteGo(text)}): ${problem.message}${at}`;
}

function problemOf(text: string): Problem | undefined {
  const first = /[.:%]/.exec(text)?.[0];
  if (first === '.') return problemOfV4(text);
  if (first === ':') return problemOfV6(text);
  return { message: first === '%' ? 'missing IPv6 address' : 'unable to parse IP' };
}

function problemOfV4(text: string): Problem | undefined {
  let fields = 0;
  let digits = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c >= '0' && c <= '9') {
      if (digits === '0') return { message: 'IPv4 field has octet with leading zero' };
      digits += c;
      if (Number(digits) > 255) return { message: 'IPv4 field has value >255' };
      continue;
    }
    if (c !== '.') return { message: 'unexpected character', at: text.slice(i) };
    if (digits === '' || i === text.length - 1)
      return { message: 'IPv4 field must have at least one digit', at: text.slice(i) };
    if (fields === 3) return { message: 'IPv4 address too long' };
    fields++;
    digits = '';
  }
  return fields < 3 ? { message: 'IPv4 address too short' } : undefined;
}

const GROUP = /^[0-9a-fA-F]*/;
/** Of an IPv6 address. */
const GROUPS = 8;

function problemOfV6(text: string): Problem | undefined {
  const percent = text.indexOf('%');
  if (percent === text.length - 1) return { message: 'zone must be a non-empty string' };
  let rest = percent < 0 ? text : text.slice(0, percent);
  let ellipsis = rest.startsWith('::');
  if (ellipsis) rest = rest.slice(2);
  if (ellipsis && rest === '') return undefined;
  let groups = 0;
  while (groups < GROUPS) {
    const digits = GROUP.exec(rest)![0];
    if (digits.length > 4) return { message: 'each group must have 4 or less digits', at: rest };
    if (digits === '') return { message: 'each colon-separated field must have at least one digit', at: rest };
    if (rest[digits.length] === '.') {
      const problem = embeddedProblem(rest, groups, ellipsis);
      if (problem) return problem;
      rest = '';
      groups += 2;
      break;
    }
    groups++;
    rest = rest.slice(digits.length);
    if (rest === '') break;
    if (rest[0] !== ':') return { message: 'unexpected character, want colon', at: rest };
    if (rest.length === 1) return { message: 'colon must be followed by more characters', at: rest };
    rest = rest.slice(1);
    if (rest[0] !== ':') continue;
    if (ellipsis) return { message: 'multiple :: in address', at: rest };
    ellipsis = true;
    rest = rest.slice(1);
    if (rest === '') break;
  }
  if (rest !== '') return { message: 'trailing garbage after address', at: rest };
  if (groups < GROUPS) return ellipsis ? undefined : { message: 'address string too short' };
  return ellipsis ? { message: 'the :: must expand to at least one field of zeros' } : undefined;
}

/** An IPv4 address at the end. */
function embeddedProblem(rest: string, groups: number, ellipsis: boolean): Problem | undefined {
  if (!ellipsis && groups !== 6)
    return { message: 'embedded IPv4 address must replace the final 2 fields of the address', at: rest };
  if (groups > 6) return { message: 'too many hex fields to fit an embedded IPv4 at the end of the address', at: rest };
  return problemOfV4(rest);
}

/** Undefined: it is a network. */
export function prefixProblem(text: string): string | undefined {
  const failed = (message: string): string => `netip.ParsePrefix(${quoteGo(text)}): ${message}`;
  const slash = text.lastIndexOf('/');
  if (slash < 0) return failed("no '/'");
  const address = text.slice(0, slash);
  const problem = addressProblem(address);
  if (problem !== undefined) return failed(problem);
  if (address.includes('%')) return failed('IPv6 zones cannot be present in a prefix');
  const bits = text.slice(slash + 1);
  if (!/^(?:0|[1-9]\d{0,17})$/.test(bits)) return failed(`bad bits after slash: ${quoteGo(bits)}`);
  return Number(bits) > (address.includes(':') ? 128 : 32) ? failed('prefix length out of range') : undefined;
}
