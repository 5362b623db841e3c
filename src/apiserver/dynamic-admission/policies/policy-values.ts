/** What a policy's expressions may name, as they see it. Models CreateAdmissionRequest and newActivation in k8s.io/apiserver's plugin/cel. */

import type { Kind } from '../../../catalog/kinds.ts';
import { valueOfJSON } from '../../../cel/json-value.ts';
import { authorizerValue, requestResourceValue } from '../../../cel/library/authorizer.ts';
import type { Value } from '../../../cel/value.ts';
import type { JSONObject } from '../../../objects/json.ts';
import type { KubeObject } from '../../../objects/object.ts';
import { type AdmissionRequest, namespaceOf } from '../admission-request.ts';
import type { PluginContext } from '../plugin-context.ts';
import { converted } from '../versions.ts';
import { authorizeBy } from './policy-authorizer.ts';

const named = (value: string | undefined, field: string): JSONObject => (value ? { [field]: value } : {});

/** `as`: the kind, in the version that the policy means; `resource`: the same, or the one that was asked for. */
function requestJSON(request: AdmissionRequest, as: Kind, resource: Kind, { requested }: PluginContext): JSONObject {
  const { kind, objectType = kind, subresource, name, operation } = request;
  const kindOf = (by: { group: string; version: string; kind: string }): JSONObject => ({
    group: by.group,
    version: by.version,
    kind: by.kind,
  });
  const resourceOf = ({ group, version, resource }: Kind): JSONObject => ({ group, version, resource });
  const { username, uid, groups, extra } = requested.user;
  return {
    uid: '',
    kind: kindOf(request.objectType ?? as),
    resource: resourceOf(resource),
    ...named(subresource, 'subResource'),
    requestKind: kindOf(objectType),
    requestResource: resourceOf(kind),
    ...named(subresource, 'requestSubResource'),
    ...named(name, 'name'),
    ...named(namespaceOf(request), 'namespace'),
    operation,
    userInfo: {
      ...named(username, 'username'),
      ...named(uid, 'uid'),
      ...(groups.length > 0 ? { groups } : {}),
      ...(extra ? { extra } : {}),
    },
    dryRun: requested.dryRun,
    options: requested.options(operation) ?? null,
  };
}

/** Of a namespace, what expressions may see. */
function namespaceJSON({ metadata, spec, status }: KubeObject): JSONObject {
  const { managedFields: _, ownerReferences: __, ...shown } = metadata;
  return { metadata: shown, spec: spec ?? {}, status: status ?? {} };
}

/** For one policy that is bound to one parameter. */
export class PolicyValues {
  readonly #request: AdmissionRequest;
  readonly #as: Kind;
  readonly #context: PluginContext;
  readonly #param: KubeObject | null;

  /** `as`: the kind, in the version that the policy means; `param`: null where there is none. */
  constructor(request: AdmissionRequest, as: Kind, context: PluginContext, param: KubeObject | null) {
    this.#request = request;
    this.#as = as;
    this.#context = context;
    this.#param = param;
  }

  /** For conditions of whether the policy applies, which see no namespace. */
  forConditions(): Map<string, Value> {
    return this.#values(this.#request.kind).set('namespaceObject', null);
  }

  /** `object`: as it has become by now, in the version that the policy means. */
  forExpressions(namespace: KubeObject | undefined, object?: KubeObject): Map<string, Value> {
    const values = this.#values(this.#as);
    values.set('namespaceObject', namespace ? valueOfJSON(namespaceJSON(namespace)) : null);
    return object ? values.set('object', valueOfJSON(object)) : values;
  }

  #values(resource: Kind): Map<string, Value> {
    const { kind, objectType, object, old, subresource, name } = this.#request;
    const shown = (o: KubeObject | undefined): Value =>
      o ? valueOfJSON(objectType ? o : converted(o, this.#as, this.#context)) : null;
    const values = new Map<string, Value>([
      ['object', shown(object)],
      ['oldObject', shown(old)],
      ['params', valueOfJSON(this.#param)],
      ['request', valueOfJSON(requestJSON(this.#request, this.#as, resource, this.#context))],
    ]);
    const authorize = authorizeBy(this.#context);
    if (!authorize) return values;
    const namespace = namespaceOf(this.#request);
    const about = {
      group: kind.group,
      resource: kind.resource,
      ...(subresource ? { subresource } : {}),
      ...(namespace ? { namespace } : {}),
      ...(name ? { name } : {}),
    };
    values.set('authorizer', authorizerValue(authorize));
    return values.set('authorizer.requestResource', requestResourceValue(authorize, about));
  }
}
