/**
 * A request as those see it who have a say: the `request` of expressions, and that of an AdmissionReview. Models CreateAdmissionRequest in
 * k8s.io/apiserver's plugin/cel and plugin/webhook/request.
 */
import type { Kind } from '../../catalog/kinds.ts';
import type { JSONObject } from '../../objects/json.ts';
import { type AdmissionRequest, namespaceOf, type Requested } from './admission-request.ts';

/** How it is shown. */
interface Shown {
  /** The kind, in the version that the policy or the webhook means. */
  kind: Kind;
  /** The resource; that of the kind unless said. */
  resource?: Kind;
}

/** All but its uid and the objects that it is about. */
export function requestJSON(
  request: AdmissionRequest,
  requested: Requested,
  { kind: as, resource = as }: Shown,
): JSONObject {
  const { kind, objectType, subresource, name, operation } = request;
  const { username, uid, groups, extra } = requested.user;
  return {
    // What goes through a subresource with a type of its own is of that, in whichever version the resource is.
    kind: typeOf(objectType ?? as),
    resource: resourceOf(resource),
    ...unlessEmpty('subResource', subresource),
    requestKind: typeOf(objectType ?? kind),
    requestResource: resourceOf(kind),
    ...unlessEmpty('requestSubResource', subresource),
    ...unlessEmpty('name', name),
    ...unlessEmpty('namespace', namespaceOf(request)),
    operation,
    userInfo: {
      ...unlessEmpty('username', username),
      ...unlessEmpty('uid', uid),
      ...(groups.length > 0 ? { groups } : {}),
      ...(extra ? { extra } : {}),
    },
    dryRun: requested.dryRun,
    options: requested.options(operation) ?? null,
  };
}

const unlessEmpty = (field: string, value: string | undefined): JSONObject => (value ? { [field]: value } : {});
const resourceOf = ({ group, version, resource }: Kind): JSONObject => ({ group, version, resource });
const typeOf = ({ group, version, kind }: Pick<Kind, 'group' | 'version' | 'kind'>): JSONObject => ({
  group,
  version,
  kind,
});
