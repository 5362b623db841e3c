import { expect, it } from 'vitest';
import { imageNameFault, imageRepository, NAME_MAX, REFERENCE_MAX } from './images.ts';

const BAD = 'invalid reference format';

it.each([
  'nginx',
  'nginx:1.27',
  'library/nginx',
  'registry.example.com:5000/team/web_app:v1.0-rc.1',
  'localhost/web',
  `web@sha256:${'a'.repeat(64)}`,
  `web:1@sha256:${'a'.repeat(64)}`,
  'Example.com/web',
  'a__b/c--d',
])('is a name: %s', (image) => {
  expect(imageNameFault(image)).toBeUndefined();
});

it.each([
  ['Busybox', `${BAD}: repository name (library/Busybox) must be lowercase`],
  ['team/Web:1', `${BAD}: repository name (team/Web) must be lowercase`],
  ['registry.example.com/Web', `${BAD}: repository name (Web) must be lowercase`],
  ['nginx:', BAD],
  ['nginx:a:b', BAD],
  [`nginx:${'a'.repeat(129)}`, BAD],
  ['nginx@sha256:abc', BAD],
  ['a//b', BAD],
  ['a b', BAD],
  ['-web', BAD],
  ['a'.repeat(64), `invalid repository name (${'a'.repeat(64)}), cannot specify 64-byte hexadecimal strings`],
  // With `docker.io/library/` before it.
  ['x'.repeat(NAME_MAX - 18), undefined],
  ['x'.repeat(NAME_MAX - 17), 'repository name must not be more than 255 characters'],
  [
    'x/'
      .repeat(REFERENCE_MAX / 2)
      .slice(0, -2)
      .padEnd(REFERENCE_MAX, 'y'),
    'repository name must not be more than 255 characters',
  ],
  [
    'x/'
      .repeat(REFERENCE_MAX / 2)
      .slice(0, -2)
      .padEnd(REFERENCE_MAX + 1, 'y'),
    BAD,
  ],
  ['x/'.repeat(600), BAD],
])('is or is no name: %s', (image, fault) => {
  expect(imageNameFault(image)).toBe(fault);
});

it.each([
  ['nginx', 'nginx'],
  ['docker.io/library/nginx:1', 'nginx'],
  [`quay.io/team/web:1@sha256:${'a'.repeat(64)}`, 'quay.io/team/web'],
  ['localhost:5000/web', 'localhost:5000/web'],
])('has a repository: %s', (image, repository) => {
  expect(imageRepository(image)).toBe(repository);
});
