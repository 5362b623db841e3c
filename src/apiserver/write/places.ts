/** Where an object says that it belongs, and whether something may be made there. */
import type { Kind } from '../../catalog/kinds.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { badRequest, forbidden, notFound } from '../../objects/status.ts';

/** A namespace must be there, and not on its way out, for something to be created in it. */
export function admitToNamespace(kind: Kind, object: KubeObject, namespace: string, view: View): void {
  const found = view.get('namespaces', undefined, namespace);
  if (!found) throw notFound({ group: '', resource: 'namespaces' }, namespace);
  if (found.metadata.deletionTimestamp) {
    const detail = `unable to create new content in namespace ${namespace} because it is being terminated`;
    const error = forbidden(kind, object.metadata.name ?? '', detail);
    error.status.details = {
      ...error.status.details,
      causes: [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    };
    throw error;
  }
}

/** The body must be of the namespace that the path says. */
export function matchNamespace(object: KubeObject, namespace: string | undefined): void {
  const said = object.metadata?.namespace;
  if (namespace !== undefined && said && said !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

/** What is to take an object's place must name itself as the path does. Throws 400. */
export function matchPath(object: KubeObject, name: string, namespace: string | undefined): void {
  matchNamespace(object, namespace);
  const said = object.metadata?.name;
  if (!said)
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (said !== name) throw badRequest(`the name of the object (${said}) does not match the name on the URL (${name})`);
}
