/** Images that tests and people look around with: jessie-dnsutils, netshoot, curl's, wbitt/network-multitool. */
import type { Program } from '../program.ts';
import { alpineFiles, debianFiles, dnsFiles, extraFiles } from './base-files.ts';
import { debianRelease } from './distributions.ts';
import { type Files, type ImageFamily, image, PATH } from './image-family.ts';

const withExtras = (): Files => ({
  ...alpineFiles('3.21.3'),
  ...extraFiles(),
});

const DNSUTILS = [
  'registry.k8s.io/e2e-test-images/jessie-dnsutils',
  'registry.k8s.io/e2e-test-images/dnsutils',
  'gcr.io/kubernetes-e2e-test-images/jessie-dnsutils',
  'gcr.io/kubernetes-e2e-test-images/dnsutils',
  'docker.io/tutum/dnsutils',
  'docker.io/infoblox/dnstools',
];
export const dnsutils: ImageFamily = {
  names: DNSUTILS,
  imageOf: () => image(DNSUTILS, { cmd: ['sleep', '3600'] }, withExtras(), 115),
};

const GLIBC_DNS = ['registry.k8s.io/e2e-test-images/glibc-dns-testing'];
/** Debian with its package dnsutils. */
export const glibcDns: ImageFamily = {
  names: GLIBC_DNS,
  imageOf: () =>
    image(GLIBC_DNS, { cmd: ['/bin/sh'] }, { ...debianFiles(debianRelease('12'), ['nslookup']), ...dnsFiles() }, 76),
};

const NETSHOOT = [
  'docker.io/nicolaka/netshoot',
  'docker.io/wbitt/network-multitool',
  'docker.io/praqma/network-multitool',
  'ghcr.io/nicolaka/netshoot',
];
export const netshoot: ImageFamily = {
  names: NETSHOOT,
  imageOf: () => image(NETSHOOT, { cmd: ['/bin/sh'], workingDir: '/root' }, withExtras(), 200),
};

const CURL = [
  'docker.io/curlimages/curl',
  'quay.io/curl/curl',
  'docker.io/appropriate/curl',
  'docker.io/radial/busyboxplus',
  'docker.io/odise/busybox-curl',
  'docker.io/byrnedo/alpine-curl',
  'docker.io/yauritux/busybox-curl',
  'docker.io/alpine/curl',
];
export const curlImages: ImageFamily = {
  names: CURL,
  imageOf(_, name) {
    const isShell = name.includes('busybox');
    const config = isShell
      ? { cmd: ['/bin/sh'] }
      : { entrypoint: [name.includes('curlimages') ? '/entrypoint.sh' : 'curl'], cmd: ['curl'], env: [PATH] };
    return image(
      CURL,
      name.includes('curlimages') || isShell ? config : { entrypoint: ['curl'] },
      { ...withExtras(), '/entrypoint.sh': { program: entrypoint } },
      22,
    );
  },
};

/** Options mean curl, anything else is a command. */
const entrypoint: Program = function* (process) {
  const args = process.args.slice(1);
  const isCurl = args[0] === undefined || args[0].startsWith('-') || args[0].includes('://');
  return yield* process.exec(isCurl ? ['curl', ...args] : args);
};
