import { expect, it } from 'vitest';
import { pullProblem } from './missing-images.ts';

const failed = (name: string, why: string): string =>
  `failed to pull and unpack image "${name}": failed to resolve image: ${why}`;
const DENIED =
  'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed';

it.each([
  ['no-such-image:1', 'docker.io/library/no-such-image:1', DENIED],
  ['nonexistent', 'docker.io/library/nonexistent:latest', DENIED],
  ['team/does-not-exist:1', 'docker.io/team/does-not-exist:1', DENIED],
  ['nginx:non-existent', 'docker.io/library/nginx:non-existent', 'docker.io/library/nginx:non-existent: not found'],
  ['quay.io/team/web:v404', undefined, undefined],
  ['quay.io/team/web:404', 'quay.io/team/web:404', 'quay.io/team/web:404: not found'],
  [
    'registry.invalid:5000/web:1',
    'registry.invalid:5000/web:1',
    'failed to do request: Head "https://registry.invalid:5000/v2/web/manifests/1": dial tcp: lookup registry.invalid: no such host',
  ],
  ['nginx:1.27', undefined, undefined],
  ['registry.example.com/team/web', undefined, undefined],
  ['no-such-team/web', undefined, undefined],
  ['my404page', undefined, undefined],
  ['invalid', undefined, undefined],
  [`web@sha256:${'4'.repeat(64)}`, undefined, undefined],
])('is or is not there: %s', (image, name, why) => {
  expect(pullProblem(image)).toBe(name && why ? failed(name, why) : undefined);
});
