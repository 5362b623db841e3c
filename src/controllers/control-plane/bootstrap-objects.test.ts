import { describe, expect, it } from 'vitest';
import type { LooseObject as KubeObject, LooseObject } from '../../../test/loose-object.ts';
import type { View } from '../../objects/object.ts';
import { bootstrapWrites } from './bootstrap-objects.ts';

const rbac = (kind: string, name: string, content: object, annotations: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
  metadata: { name, uid: 'u', labels: { l: 'default' }, annotations },
  ...content,
});
const rule = (...verbs: string[]) => ({ apiGroups: [''], resources: ['pods'], verbs });
const subject = (name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name });
const ref = (name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name });

const none: View = { revision: 1, get: () => undefined, list: () => [] };
const having = (object: KubeObject): View => ({ ...none, get: () => object });
const updated = (found: KubeObject, wanted: KubeObject): LooseObject => {
  const [write, more] = bootstrapWrites(having(found), [wanted]);
  expect(more).toBeUndefined();
  return write && (write.verb === 'update' ? write.object : write);
};

describe('what an API server makes sure of', () => {
  it('is that its own default objects are there, namespaces first', () => {
    const inNamespace = { name: 'r', namespace: 'kube-system', uid: 'u', creationTimestamp: 't', labels: { a: 'b' } };
    const role = { ...rbac('Role', 'r', { rules: [rule('get')] }), metadata: inNamespace };
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system', uid: 'u' }, spec: {} };
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } };
    expect(bootstrapWrites(none, [account, role, namespace])).toEqual([
      { verb: 'create', ignoreExisting: true, object: { ...namespace, metadata: { name: 'kube-system' } } },
      {
        verb: 'create',
        ignoreExisting: true,
        object: { ...role, metadata: { name: 'r', namespace: 'kube-system', labels: { a: 'b' } } },
      },
    ]);
    expect(bootstrapWrites(having(namespace), [namespace])).toEqual([]);
  });

  it('is that a role allows at least what it should', () => {
    const wanted = rbac('ClusterRole', 'r', { rules: [rule('get', 'list')] });
    expect(updated(wanted, wanted)).toBeUndefined();
    expect(updated(rbac('ClusterRole', 'r', { rules: [rule('*')] }), wanted)).toBeUndefined();
    const less = updated(rbac('ClusterRole', 'r', { rules: [rule('get', 'watch')] }), wanted);
    expect(less.rules).toEqual([rule('get', 'watch'), rule('list')]);
    expect(updated(rbac('ClusterRole', 'r', { rules: null }), wanted).rules).toEqual([rule('get'), rule('list')]);
  });

  it('is that a role goes by the selectors that it should', () => {
    const [one, other] = [{ matchLabels: { a: '1' } }, { matchLabels: { a: '2' } }];
    const by = (...clusterRoleSelectors: object[]) =>
      rbac('ClusterRole', 'r', { rules: [], aggregationRule: { clusterRoleSelectors } });
    expect(updated(by(other), by(one)).aggregationRule.clusterRoleSelectors).toEqual([other, one]);
    expect(updated(by(one, other), by(one))).toBeUndefined();
    expect(updated(by(one), rbac('ClusterRole', 'r', { rules: [] })).aggregationRule).toBeUndefined();
  });

  it('is that a binding is of its role, and has its subjects', () => {
    const binding = (role: string, ...subjects: object[]) =>
      rbac('ClusterRoleBinding', 'b', { roleRef: ref(role), subjects });
    const wanted = binding('r', subject('s'));
    expect(updated(binding('r', subject('other')), wanted).subjects).toEqual([subject('other'), subject('s')]);
    expect(updated(binding('r', subject('s'), subject('other')), wanted)).toBeUndefined();
    expect(bootstrapWrites(having(binding('else', subject('other'))), [wanted])).toMatchObject([
      { verb: 'delete', name: 'b', uid: 'u' },
      { verb: 'create', object: { roleRef: ref('r'), subjects: [subject('s')] } },
    ]);
  });

  it('is nothing of what is to stay as it is', () => {
    const wanted = rbac(
      'ClusterRole',
      'r',
      { rules: [rule('get')] },
      { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
    );
    const kept = rbac('ClusterRole', 'r', { rules: [] }, { 'rbac.authorization.kubernetes.io/autoupdate': 'false' });
    expect(updated(kept, wanted)).toBeUndefined();
    const { metadata } = updated(rbac('ClusterRole', 'r', { rules: [] }, { mine: 'x' }), wanted);
    expect(metadata.annotations).toEqual({ mine: 'x', 'rbac.authorization.kubernetes.io/autoupdate': 'true' });
  });
});
