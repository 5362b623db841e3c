import { expect, it } from 'vitest';
import { lines, NOW, object, reconciled, SECOND } from '../test-view.ts';
import { podCertificateCleanerController } from './podcertificaterequest-cleaner.ts';

const KEPT = 15 * 60 * SECOND;

it('keeps a request for a quarter of an hour', () => {
  const request = object('PodCertificateRequest', 'r', { metadata: { creationTimestamp: '2026-01-05T10:00:00Z' } });
  const at = (now: number) => reconciled(podCertificateCleanerController(), 'ns/r', [request], { now });
  expect(at(NOW + KEPT - 1)).toEqual({ writes: [], requeueAt: NOW + KEPT });
  expect(lines(at(NOW + KEPT))).toEqual(['delete podcertificaterequests.certificates.k8s.io r']);
});
