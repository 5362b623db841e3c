/** Semantic versions. Source: k8s.io/apiserver's pkg/cel/library/semverlib.go, and blang/semver. */
import { quoteGo } from '../../objects/go-quote.ts';
import type { FunctionTable } from '../declarations.ts';
import { struct } from '../type.ts';
import { CelError, CelObject, MAX_UINT, noSuchOverload, type Value } from '../value.ts';

const SEMVER_TYPE = struct('kubernetes.Semver');

class CelSemver extends CelObject {
  readonly type = SEMVER_TYPE;
  readonly core: [bigint, bigint, bigint];
  /** What comes before a release: numbers and texts. */
  readonly before: (bigint | string)[];
  constructor(core: [bigint, bigint, bigint], before: (bigint | string)[]) {
    super();
    this.core = core;
    this.before = before;
  }

  override equals(other: Value): boolean | CelError {
    return other instanceof CelSemver ? this.compareTo(other) === 0 : noSuchOverload();
  }

  compareTo(other: CelSemver): number {
    for (let i = 0; i < 3; i++) {
      const order = comparePart(this.core[i]!, other.core[i]!);
      if (order !== 0) return order;
    }
    if (this.before.length === 0 || other.before.length === 0)
      return Math.sign(other.before.length - this.before.length);
    for (let i = 0; i < this.before.length && i < other.before.length; i++) {
      const order = comparePart(this.before[i]!, other.before[i]!);
      if (order !== 0) return order;
    }
    return Math.sign(this.before.length - other.before.length);
  }
}

/** Numbers come before texts. */
function comparePart(a: bigint | string, b: bigint | string): number {
  if (typeof a !== typeof b) return typeof a === 'bigint' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

const PLACES = ['Major', 'Minor', 'Patch'];
const IDENTIFIER = /^[0-9A-Za-z-]+$/;

/** A part of a version, or what is wrong with it. */
function number(text: string, what: string): bigint | CelError {
  if (text === '') return new CelError('strconv.ParseUint: parsing "": invalid syntax');
  if (!/^\d+$/.test(text))
    return new CelError(`Invalid character(s) found in ${what.toLowerCase()} number ${quoteGo(text)}`);
  if (text.length > 1 && text.startsWith('0'))
    return new CelError(`${what} number must not contain leading zeroes ${quoteGo(text)}`);
  const value = text.length > 20 ? MAX_UINT + 1n : BigInt(text);
  return value > MAX_UINT ? new CelError(`strconv.ParseUint: parsing ${quoteGo(text)}: value out of range`) : value;
}

function parse(text: string): CelSemver | CelError {
  if (text === '') return new CelError('Version string empty');
  const parts = splitIn(text, '.', 3);
  if (parts.length !== 3) return new CelError('No Major.Minor.Patch elements found');
  const [build, withoutBuild] = cut(parts[2]!, '+');
  const [before, patch] = cut(withoutBuild, '-');
  const core: bigint[] = [];
  for (const [index, part] of [parts[0]!, parts[1]!, patch].entries()) {
    const value = number(part, PLACES[index]!);
    if (value instanceof CelError) return value;
    core.push(value);
  }
  const identifiers = before === undefined ? [] : before.split('.').map(beforeRelease);
  const wrong = identifiers.find((part) => part instanceof CelError);
  if (wrong) return wrong;
  for (const part of build === undefined ? [] : build.split('.')) {
    if (part === '') return new CelError('Build meta data is empty');
    if (!IDENTIFIER.test(part)) return new CelError(`Invalid character(s) found in build meta data ${quoteGo(part)}`);
  }
  return new CelSemver(core as [bigint, bigint, bigint], identifiers as (bigint | string)[]);
}

function beforeRelease(text: string): bigint | string | CelError {
  if (text === '') return new CelError('Prerelease is empty');
  if (/^\d+$/.test(text)) {
    if (text.length > 1 && text.startsWith('0'))
      return new CelError(`Numeric PreRelease version must not contain leading zeroes ${quoteGo(text)}`);
    return BigInt(text.slice(0, 30));
  }
  return IDENTIFIER.test(text) ? text : new CelError(`Invalid character(s) found in prerelease ${quoteGo(text)}`);
}

/** What is behind the first mark, and what is before it. */
function cut(text: string, mark: string): [behind: string | undefined, before: string] {
  const at = text.indexOf(mark);
  return at < 0 ? [undefined, text] : [text.slice(at + 1), text.slice(0, at)];
}

function splitIn(text: string, separator: string, most: number): string[] {
  const parts = text.split(separator);
  return parts.length <= most ? parts : [...parts.slice(0, most - 1), parts.slice(most - 1).join(separator)];
}

/** `v1.02` is 1.2.0. */
function normalize(text: string): string | CelError {
  const parts = splitIn(text.replace(/^v/, ''), '.', 3).map((part) => {
    if (part.length < 2) return part;
    const stripped = part.replace(/^0+/, '');
    return /^\d/.test(stripped) ? stripped : `0${stripped}`;
  });
  if (parts.length < 3 && /[+-]/.test(parts.at(-1)!))
    return new CelError('short version cannot contain PreRelease/Build meta data');
  while (parts.length < 3) parts.push('0');
  return parts.join('.');
}

function read(text: string, normalized = false): CelSemver | CelError {
  const written = normalized ? normalize(text) : text;
  return written instanceof CelError ? written : parse(written);
}

const isSemver = (text: string, normalized?: boolean): Value => read(text, normalized) instanceof CelSemver;
const V = 'kubernetes.Semver';

export const SEMVER: FunctionTable = {
  semver: [
    ['string_to_semver', `(string) -> ${V}`, read],
    ['string_bool_to_semver', `(string, bool) -> ${V}`, read],
  ],
  isSemver: [
    ['is_semver_string', '(string) -> bool', isSemver],
    ['is_semver_string_bool', '(string, bool) -> bool', isSemver],
  ],
  isGreaterThan: [
    ['semver_is_greater_than', `${V}.(${V}) -> bool`, (a: CelSemver, b: CelSemver) => a.compareTo(b) > 0],
  ],
  isLessThan: [['semver_is_less_than', `${V}.(${V}) -> bool`, (a: CelSemver, b: CelSemver) => a.compareTo(b) < 0]],
  compareTo: [['semver_compare_to', `${V}.(${V}) -> int`, (a: CelSemver, b: CelSemver) => BigInt(a.compareTo(b))]],
  major: [['semver_major', `${V}.() -> int`, ({ core }: CelSemver) => BigInt.asIntN(64, core[0])]],
  minor: [['semver_minor', `${V}.() -> int`, ({ core }: CelSemver) => BigInt.asIntN(64, core[1])]],
  patch: [['semver_patch', `${V}.() -> int`, ({ core }: CelSemver) => BigInt.asIntN(64, core[2])]],
};
