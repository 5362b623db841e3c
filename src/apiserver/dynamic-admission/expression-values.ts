/** What the expressions of policies, and of webhooks' conditions, may name, as they see it. Models newActivation in k8s.io/apiserver's plugin/cel. */

import type { Kind } from '../../catalog/kinds.ts';
import { valueOfJSON } from '../../cel/json-value.ts';
import { authorizerValue, requestResourceValue } from '../../cel/library/authorizer.ts';
import type { Value } from '../../cel/value.ts';
import type { JSONObject } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/object.ts';
import { type AdmissionRequest, namespaceOf } from './admission-request.ts';
import { authorizeBy } from './expression-authorizer.ts';
import type { PluginContext } from './plugin-context.ts';
import { requestJSON } from './request-json.ts';
import { converted } from './versions.ts';

/** Of a namespace, what expressions may see. */
function namespaceJSON({ metadata, spec, status }: KubeObject): JSONObject {
  const { managedFields: _, ownerReferences: __, ...shown } = metadata;
  return { metadata: shown, spec: spec ?? {}, status: status ?? {} };
}

/** For one policy that is bound to one parameter, or for one webhook. */
export class ExpressionValues {
  readonly #request: AdmissionRequest;
  readonly #as: Kind;
  readonly #context: PluginContext;
  readonly #param: KubeObject | null;

  /** `as`: the kind, in the version that the policy or the webhook means; `param`: null where there is none. */
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
    const request = requestJSON(this.#request, this.#context.requested, { kind: this.#as, resource });
    const shown = (o: KubeObject | undefined): Value =>
      o ? valueOfJSON(objectType ? o : converted(o, this.#as, this.#context)) : null;
    const values = new Map<string, Value>([
      ['object', shown(object)],
      ['oldObject', shown(old)],
      ['params', valueOfJSON(this.#param)],
      ['request', valueOfJSON({ uid: '', ...request })],
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
