/** The parameters that a policy's bindings name. Models CollectParams in k8s.io/apiserver's plugin/policy/generic. */
import type { Catalog } from '../../../catalog/catalog.ts';
import type { Kind } from '../../../catalog/kinds.ts';
import type { Read } from '../../../catalog/strategy.ts';
import type { ParamKind, ParamRef } from '../../../objects/generated/admissionregistration-v1.gen.ts';
import type { KubeObject } from '../../../objects/object.ts';
import { matchesLabelSelector } from '../../../objects/selectors.ts';
import { type AdmissionRequest, namespaceOf } from '../admission-request.ts';
import type { PluginContext } from '../plugin-context.ts';
import { converted } from '../versions.ts';

/** Why there are no parameters; `ofPolicy`: for none of the policy's bindings. */
export class ParamError extends Error {
  readonly ofPolicy: boolean;

  constructor(message: string, ofPolicy = false) {
    super(message);
    this.ofPolicy = ofPolicy;
  }
}

interface Source {
  kind: Kind;
  ref: ParamRef;
}

/** Undefined: it has no parameters. @throws ParamError for a kind that there is not */
function sourceOf(policy: KubeObject, binding: KubeObject, catalog: Catalog): Source | undefined {
  const paramKind = policy.spec.paramKind as ParamKind | undefined;
  if (!paramKind) return undefined;
  const { apiVersion = '', kind: name = '' } = paramKind;
  const kind = catalog.kind(apiVersion, name);
  if (!kind) {
    const version = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`;
    throw new ParamError(`failed to find resource referenced by paramKind: '${version}, Kind=${name}'`, true);
  }
  const ref = binding.spec.paramRef as ParamRef | undefined;
  return ref && { kind, ref };
}

/** Where they are, by the namespace of what is written. */
const placeOf = ({ kind, ref }: Source, namespace: string | undefined): { namespace?: string } =>
  kind.namespaced ? { namespace: ref.namespace || namespace! } : {};

const lacksNamespace = ({ kind, ref }: Source, namespace: string | undefined): boolean =>
  kind.namespaced && !ref.namespace && namespace === undefined;

/** What a binding's parameters are read by; `namespace`: of what is written. */
export function paramReads(
  policy: KubeObject,
  binding: KubeObject,
  namespace: string | undefined,
  catalog: Catalog,
): Read[] {
  try {
    const source = sourceOf(policy, binding, catalog);
    if (!source || lacksNamespace(source, namespace)) return [];
    const { name } = source.ref;
    return [{ resource: source.kind.name, ...placeOf(source, namespace), ...(name ? { name } : {}) }];
  } catch (error) {
    if (error instanceof ParamError) return [];
    throw error;
  }
}

/** Null stands for no parameter at all. None: the binding does not apply. @throws ParamError */
export function paramsOf(
  policy: KubeObject,
  binding: KubeObject,
  request: AdmissionRequest,
  context: PluginContext,
): (KubeObject | null)[] {
  const { view, catalog } = context;
  const source = sourceOf(policy, binding, catalog);
  if (!source) return [null];
  const { kind, ref } = source;
  const namespace = namespaceOf(request);
  if (lacksNamespace(source, namespace))
    throw new ParamError('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources');
  if (ref.namespace && !kind.namespaced)
    throw new ParamError('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  const { namespace: place } = placeOf(source, namespace);
  const one = ref.name ? view.get(kind.name, place, ref.name) : undefined;
  const found = ref.name
    ? one
      ? [one]
      : []
    : view.list(kind.name, place).filter(({ metadata }) => matchesLabelSelector(ref.selector, metadata.labels));
  if (found.length === 0 && ref.parameterNotFoundAction === 'Deny')
    throw new ParamError('no params found for policy binding with `Deny` parameterNotFoundAction');
  return found.map((param) => converted(param, kind, context));
}
