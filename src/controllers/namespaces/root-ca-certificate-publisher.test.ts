import { expect, it } from 'vitest';
import { keysOf, lines, object, reconciled, written } from '../test-view.ts';
import { rootCACertificatePublisher } from './root-ca-certificate-publisher.ts';

const NAME = 'kube-root-ca.crt';
const controller = rootCACertificatePublisher('PEM');
const namespace = object('Namespace', 'ns');

it('puts the certificate into every namespace', () => {
  const map = written(reconciled(controller, 'ns', [namespace]), `create ConfigMap ${NAME}`);
  expect(map.data).toEqual({ 'ca.crt': 'PEM' });
  expect(map.metadata).toMatchObject({ namespace: 'ns', annotations: { 'kubernetes.io/description': /CA bundle/ } });
});

it('takes back what somebody has made of it, and leaves their labels', () => {
  const { annotations } = written(reconciled(controller, 'ns', [namespace]), `create ConfigMap ${NAME}`).metadata;
  const map = (data: object, more = {}) =>
    object('ConfigMap', NAME, { metadata: { annotations: annotations!, ...more }, data });
  expect(lines(reconciled(controller, 'ns', [namespace, map({ 'ca.crt': 'PEM' })]))).toEqual([]);
  const changed = map({ 'ca.crt': 'other', more: '1' }, { labels: { mine: 'yes' } });
  const fixed = written(reconciled(controller, 'ns', [namespace, changed]), `update ConfigMap ${NAME}`);
  expect(fixed.data).toEqual({ 'ca.crt': 'PEM' });
  expect(fixed.metadata.labels).toEqual({ mine: 'yes' });
  expect(keysOf(controller, { old: changed, new: changed })).toEqual(['ns']);
  expect(keysOf(controller, { old: object('ConfigMap', 'other') })).toEqual([]);
});
