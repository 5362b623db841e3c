/** Versions of the CNI specification. Source: containernetworking/cni pkg/version. */
import { quoteGo } from '../../objects/go-quote.ts';
import { CNIError, ErrorCode, fail } from './errors.ts';

export const CURRENT_VERSION = '1.1.0';
/** What a configuration without a version is taken for. */
export const OLDEST_VERSION = '0.1.0';

export const ALL_VERSIONS: readonly string[] = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', CURRENT_VERSION];

export const versionsFrom = (first: string): readonly string[] => ALL_VERSIONS.slice(ALL_VERSIONS.indexOf(first));

const PART_NAMES = ['major', 'minor', 'micro'] as const;

function parseVersion(version: string): number[] {
  if (version === '') return [0, 1, 0];
  const parts = version.split('.');
  if (parts.length > PART_NAMES.length)
    fail(`invalid version ${quoteGo(version)}: too many parts`, ErrorCode.decodingFailure);
  return PART_NAMES.map((name, i) => {
    const part = parts[i] ?? '0';
    if (/^[+-]?\d+$/.test(part)) return Number(part);
    const shown = quoteGo(part);
    return fail(
      `failed to convert ${name} version part ${shown}: strconv.Atoi: parsing ${shown}: invalid syntax`,
      ErrorCode.decodingFailure,
    );
  });
}

/** Throws `CNIError` for what is no version. */
export function isAtLeast(version: string, other: string): boolean {
  const a = parseVersion(version);
  const b = parseVersion(other);
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! > b[i]!;
  return true;
}

/** As `isAtLeast`, for those that only want to know whether: what is no version is not. */
export function isKnownAtLeast(version: string, other: string): boolean {
  try {
    return isAtLeast(version, other);
  } catch (error) {
    if (error instanceof CNIError) return false;
    throw error;
  }
}

export function checkVersion(version: string, supported: readonly string[]): void {
  if (supported.includes(version)) return;
  const known = supported.map(quoteGo).join(' ');
  fail(
    'incompatible CNI versions',
    ErrorCode.incompatibleVersion,
    `config is ${quoteGo(version)}, plugin supports [${known}]`,
  );
}
