/**
 * What the expressions of admission policies and match conditions may name. Models k8s.io/apiserver's
 * pkg/admission/plugin/cel/compile.go.
 */
import { kubernetesEnvironment } from './cel.ts';
import { readType } from './declarations.ts';
import type { Environment, TypeProvider } from './environment.ts';
import { MUTATION_TYPES } from './mutation-types.ts';
import { DYN, struct, type Type } from './type.ts';
import { CelError, CelMap, type Value } from './value.ts';

/** Objects by their names, with the types of their fields. */
const OBJECTS: Record<string, Record<string, string>> = {
  'kubernetes.GroupVersionKind': { group: 'string', version: 'string', kind: 'string' },
  'kubernetes.GroupVersionResource': { group: 'string', version: 'string', resource: 'string' },
  'kubernetes.UserInfo': {
    username: 'string',
    uid: 'string',
    groups: 'list(string)',
    extra: 'map(string, list(string))',
  },
  'kubernetes.AdmissionRequest': {
    kind: 'kubernetes.GroupVersionKind',
    resource: 'kubernetes.GroupVersionResource',
    subResource: 'string',
    requestKind: 'kubernetes.GroupVersionKind',
    requestResource: 'kubernetes.GroupVersionResource',
    requestSubResource: 'string',
    name: 'string',
    namespace: 'string',
    operation: 'string',
    userInfo: 'kubernetes.UserInfo',
    dryRun: 'bool',
    options: 'dyn',
  },
  'kubernetes.NamespaceMetadata': {
    name: 'string',
    generateName: 'string',
    namespace: 'string',
    labels: 'map(string, string)',
    annotations: 'map(string, string)',
    UID: 'string',
    creationTimestamp: 'timestamp',
    deletionGracePeriodSeconds: 'int',
    deletionTimestamp: 'timestamp',
    generation: 'int',
    resourceVersion: 'string',
    finalizers: 'list(string)',
  },
  'kubernetes.NamespaceSpec': { finalizers: 'list(string)' },
  'kubernetes.NamespaceCondition': {
    status: 'string',
    type: 'string',
    lastTransitionTime: 'timestamp',
    message: 'string',
    reason: 'string',
  },
  'kubernetes.NamespaceStatus': { conditions: 'list(kubernetes.NamespaceCondition)', phase: 'string' },
  'kubernetes.Namespace': {
    metadata: 'kubernetes.NamespaceMetadata',
    spec: 'kubernetes.NamespaceSpec',
    status: 'kubernetes.NamespaceStatus',
  },
};

const VARIABLES = 'kubernetes.variables';

/** Types with the fields that a table says; nothing makes them. */
const providerOf = (fieldsOf: (name: string) => ReadonlyMap<string, Type> | undefined): TypeProvider => ({
  find: (name) => (fieldsOf(name) ? struct(name) : undefined),
  field: (name, field) => fieldsOf(name)?.get(field),
  construct: (name) => new CelError(`unknown type '${name}'`),
});

let known: ReadonlyMap<string, ReadonlyMap<string, Type>> | undefined;

function objects(): ReadonlyMap<string, ReadonlyMap<string, Type>> {
  known ??= new Map(
    Object.entries(OBJECTS).map(([name, fields]) => [
      name,
      new Map(Object.entries(fields).map(([field, type]) => [field, readType(type)])),
    ]),
  );
  return known;
}

export interface PolicyEnvironment {
  /** Whether there is `params`, or what it is of. */
  params?: boolean | Type;
  /** What `object` and `oldObject` are of; anything unless said. */
  object?: Type;
  /** Whether there is `authorizer`, and unless it is `alone` `authorizer.requestResource`. */
  authorizer?: boolean | 'alone';
  /** The policy's own variables that come before, with what they are of; without it there is no `variables`. */
  variables?: ReadonlyMap<string, Type>;
  /** Whether the policy changes what is admitted, and makes objects and patches. */
  mutation?: boolean;
  /** Whether the expression is new; see `kubernetesEnvironment`. */
  isNew?: boolean;
  /** Types with fields, beside those of requests and namespaces. */
  types?: readonly TypeProvider[];
}

export function policyEnvironment(options: PolicyEnvironment): Environment {
  const { params, object = DYN, authorizer, variables, mutation = false, isNew = false } = options;
  const names: [string, Type][] = [
    ['object', object],
    ['oldObject', object],
    ['request', struct('kubernetes.AdmissionRequest')],
    ['namespaceObject', struct('kubernetes.Namespace')],
  ];
  if (params) names.push(['params', params === true ? DYN : params]);
  if (authorizer) {
    names.push(['authorizer', struct('kubernetes.authorization.Authorizer')]);
    if (authorizer !== 'alone')
      names.push(['authorizer.requestResource', struct('kubernetes.authorization.ResourceCheck')]);
  }
  const types = [providerOf((name) => objects().get(name)), ...(options.types ?? [])];
  if (variables) {
    names.push(['variables', struct(VARIABLES)]);
    types.push(providerOf((name) => (name === VARIABLES ? variables : undefined)));
  }
  if (mutation) types.push(MUTATION_TYPES);
  return kubernetesEnvironment({ variables: new Map(names), types, mutation, isNew });
}

/** The value of `variables`: each is computed when it is first asked for, and then known. */
export class LazyVariables extends CelMap {
  readonly #compute: ReadonlyMap<string, () => Value>;
  readonly #values = new Map<string, Value>();

  constructor(compute: ReadonlyMap<string, () => Value>) {
    super();
    this.#compute = compute;
  }

  get size(): number {
    return this.#compute.size;
  }

  override get(key: Value): Value | undefined {
    if (typeof key !== 'string') return undefined;
    const value = this.#values.get(key) ?? this.#compute.get(key)?.();
    if (value !== undefined) this.#values.set(key, value);
    return value;
  }

  override keys(): Value[] {
    return [...this.#compute.keys()];
  }
}
