/**
 * All functions of Kubernetes 1.37. Source: k8s.io/apiserver's pkg/cel/environment/base.go, in which since when each library is there:
 * of what is here only `includes` is new in 1.37.
 */
import { declare, type FunctionDeclaration } from '../declarations.ts';
import { AUTHORIZER } from './authorizer.ts';
import { FORMAT } from './format.ts';
import { JSON_PATCH } from './json-patch.ts';
import { KUBERNETES_LISTS, LISTS, SETS } from './lists.ts';
import { MAPS } from './maps.ts';
import { NETWORK } from './network.ts';
import { OPTIONAL } from './optional.ts';
import { QUANTITY } from './quantity.ts';
import { REGEX } from './regex.ts';
import { SEMVER } from './semver.ts';
import { STANDARD, UNGUARDED } from './standard.ts';
import { STRINGS } from './strings.ts';
import { TIME } from './time.ts';
import { URLS } from './urls.ts';

/** Those of which the release before knows nothing; see `kubernetesEnvironment`. */
const INTRODUCED: ReadonlySet<string> = new Set(['includes']);

let base: ReadonlyMap<string, FunctionDeclaration> | undefined;
let withPatches: ReadonlyMap<string, FunctionDeclaration> | undefined;
const compatible = new WeakMap<ReadonlyMap<string, FunctionDeclaration>, ReadonlyMap<string, FunctionDeclaration>>();

const TABLES = [
  STANDARD,
  TIME,
  OPTIONAL,
  URLS,
  REGEX,
  AUTHORIZER,
  QUANTITY,
  STRINGS,
  SETS,
  NETWORK,
  FORMAT,
  MAPS,
  SEMVER,
  LISTS,
  KUBERNETES_LISTS,
];
const UNGUARDED_NAMES: ReadonlySet<string> = new Set([
  ...UNGUARDED,
  '_[?_]',
  'flatten',
  'sort',
  '@sortByAssociatedKeys',
]);

/** Made when it is first asked for, and kept. */
export function baseFunctions(): ReadonlyMap<string, FunctionDeclaration> {
  base ??= declare(TABLES, UNGUARDED_NAMES);
  return base;
}

/** With what mutating admission policies have besides. */
export function mutationFunctions(): ReadonlyMap<string, FunctionDeclaration> {
  withPatches ??= declare([...TABLES, JSON_PATCH], UNGUARDED_NAMES);
  return withPatches;
}

/** Without what the release before does not know. */
export function compatibleFunctions(
  functions: ReadonlyMap<string, FunctionDeclaration>,
): ReadonlyMap<string, FunctionDeclaration> {
  let known = compatible.get(functions);
  if (!known) {
    known = new Map([...functions].filter(([name]) => !INTRODUCED.has(name)));
    compatible.set(functions, known);
  }
  return known;
}
