/** By which whoever remembers a cluster's roles and bindings knows whether they are still those. */
import { storagePrefix } from '../catalog/kinds.ts';
import { ChangeMark } from '../etcd/change-mark.ts';
import type { Store } from '../etcd/store.ts';
import { builtIn } from '../resources/built-in.ts';
import { POLICY_RESOURCES } from '../resources/rbac/authorizer.ts';

export const policyMark = (store: Store): ChangeMark =>
  new ChangeMark(
    store,
    crypto.randomUUID(),
    POLICY_RESOURCES.map((resource) => storagePrefix(builtIn(resource))),
  );
