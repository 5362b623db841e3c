import { expect, it } from 'vitest';
import { CA, pem } from '../../resources/certificates/x509/test-requests.ts';
import { lines, NOW, object, reconciled, SECOND } from '../test-view.ts';
import { certificateCleanerController } from './certificatesigningrequest-cleaner.ts';

const HOUR = 3600 * SECOND;
const DELETED = ['delete certificatesigningrequests.certificates.k8s.io r'];
const request = (status: object) =>
  object('CertificateSigningRequest', 'r', { metadata: { creationTimestamp: '2026-01-05T10:00:00Z' }, status });
const answered = (type: string, certificate?: string) =>
  request({
    conditions: [{ type, status: 'True', lastUpdateTime: '2026-01-05T10:00:00Z' }],
    ...(certificate ? { certificate } : {}),
  });

it.each([
  ['that nobody answered', request({}), 24],
  ['that was denied', answered('Denied'), 1],
  ['that failed', answered('Failed'), 1],
  ['that was approved and not issued', answered('Approved'), 24],
  ['that was issued', answered('Approved', btoa(pem('CERTIFICATE', CA))), 1],
])('keeps a request %s for its time', (_, found, hours) => {
  const at = (now: number) => reconciled(certificateCleanerController(), 'r', [found], { now });
  expect(at(NOW + hours * HOUR)).toEqual({ writes: [], requeueAt: NOW + hours * HOUR + 1 });
  expect(lines(at(NOW + hours * HOUR + 1))).toEqual(DELETED);
});

it('keeps what was issued no longer than it is valid', () => {
  const later = answered('Approved', btoa(pem('CERTIFICATE', CA)));
  // It ends on 2036-11-24, before the hour after an answer of that day is over.
  const conditions = [{ type: 'Approved', status: 'True', lastUpdateTime: '2036-11-24T11:00:00Z' }];
  const found = { ...later, status: { ...later.status, conditions } };
  const { requeueAt } = reconciled(certificateCleanerController(), 'r', [found], { now: NOW });
  expect(new Date(requeueAt!).toISOString()).toBe('2036-11-24T11:15:28.001Z');
});
