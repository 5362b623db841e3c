/** nginx: its entrypoint, its files, and the server itself, which is in `programs/nginx/`. */
import { bytesOf } from '../bytes.ts';
import type { ImageFile } from '../image.ts';
import type { Process, Program, Run } from '../program.ts';
import { attempt, readMaybe } from '../programs/applet.ts';
import { extraProgramsOf } from '../programs/network-applets.ts';
import { nginx as server } from '../programs/nginx/nginx.ts';
import { become } from '../programs/running.ts';
import { baseFiles } from './distributions.ts';
import { type Files, folder, type ImageFamily, image, PATH, textFile, versionOf } from './image-family.ts';

const NAMES = [
  'docker.io/library/nginx',
  'public.ecr.aws/nginx/nginx',
  'public.ecr.aws/docker/library/nginx',
  'registry.k8s.io/e2e-test-images/nginx',
  'registry.k8s.io/nginx-slim',
  'k8s.gcr.io/nginx-slim',
  'gcr.io/google_containers/nginx-slim',
  'registry.k8s.io/nginx',
  'k8s.gcr.io/nginx',
  'docker.io/nginxinc/nginx-unprivileged',
  'mirror.gcr.io/library/nginx',
];

/** What a tag without all of its numbers stands for. */
const RELEASES: Readonly<Record<string, string>> = {
  '1': '1.29.4',
  '1.14': '1.14.2',
  '1.16': '1.16.1',
  '1.18': '1.18.0',
  '1.19': '1.19.10',
  '1.20': '1.20.2',
  '1.21': '1.21.6',
  '1.22': '1.22.1',
  '1.23': '1.23.4',
  '1.24': '1.24.0',
  '1.25': '1.25.5',
  '1.26': '1.26.3',
  '1.27': '1.27.5',
  '1.28': '1.28.1',
  '1.29': '1.29.4',
};

const WELCOME = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto; font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>This page says that the web server runs. It serves what is in /usr/share/nginx/html.</p>

<p><em>Thank you for using nginx.</em></p>
</body>
</html>
`;

const SORRY = `<!DOCTYPE html>
<html>
<head><title>Error</title></head>
<body>
<h1>An error occurred.</h1>
<p>What was asked for is not to be had at the moment; the error log says why.</p>
</body>
</html>
`;

const CONFIG = `
user  nginx;
worker_processes  auto;

error_log  /var/log/nginx/error.log notice;
pid        /run/nginx.pid;

events {
    worker_connections  1024;
}

http {
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;

    log_format  main  '$remote_addr - $remote_user [$time_local] "$request" '
                      '$status $body_bytes_sent "$http_referer" '
                      '"$http_user_agent" "$http_x_forwarded_for"';

    access_log  /var/log/nginx/access.log  main;

    sendfile           on;
    keepalive_timeout  65;

    include /etc/nginx/conf.d/*.conf;
}
`;

const defaultConfig = (port: number): string => `server {
    listen       ${port};
    server_name  localhost;

    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }

    error_page   500 502 503 504  /50x.html;
    location = /50x.html {
        root   /usr/share/nginx/html;
    }
}
`;

const SCRIPTS = [
  '10-listen-on-ipv6-by-default.sh',
  '15-local-resolvers.envsh',
  '20-envsubst-on-templates.sh',
  '30-tune-worker-processes.sh',
];
const OWN = '/docker-entrypoint.sh';
const SITE = '/etc/nginx/conf.d/default.conf';

/** The script that lets the server listen on IPv6 too: it changes the file as it came with the image, and no other. */
function* listenOnBoth(process: Process, original: string): Run {
  const name = SCRIPTS[0]!;
  const say = (words: string): Run => process.write(1, `${name}: info: ${words}\n`);
  const text = readMaybe(process, SITE);
  if (text === undefined) {
    yield* say(`${SITE} is not a file or does not exist`);
    return;
  }
  if (!process.files.access(SITE, 2)) {
    yield* say(`can not modify ${SITE} (read-only file system?)`);
    return;
  }
  if (/listen\s+\[::\]/.test(text)) {
    yield* say('IPv6 listen already enabled');
    return;
  }
  yield* say(`Getting the checksum of ${SITE}`);
  if (text !== original) {
    yield* say(`${SITE} differs from the packaged version`);
    return;
  }
  const isWritten = attempt(
    () => {
      process.files.write(SITE, text.replace(/listen {7}(\d+);/, 'listen       $1;\n    listen  [::]:$1;'));
      return true;
    },
    () => false,
  );
  yield* say(isWritten ? `Enabled listen on IPv6 in ${SITE}` : `can not modify ${SITE} (read-only file system?)`);
}

/** Templates of /etc/nginx/templates, with the variables that the environment has. */
function* fillTemplates(process: Process): Run {
  const from = '/etc/nginx/templates';
  for (const name of attempt(
    () => process.files.list(from),
    () => [],
  ).filter((each) => each.endsWith('.template'))) {
    const to = `/etc/nginx/conf.d/${name.replace(/\.template$/, '')}`;
    yield* process.write(1, bytesOf(`20-envsubst-on-templates.sh: Running envsubst on ${from}/${name} to ${to}\n`));
    const text = process.files.read(`${from}/${name}`);
    process.files.write(
      to,
      text.replace(
        /\$\{(\w+)\}|\$(\w+)/g,
        (all, braced?: string, plain?: string) => process.env.get(braced ?? plain!) ?? all,
      ),
    );
  }
}

const entrypoint = (original: string): Program =>
  function* (process) {
    const args = process.args.slice(1);
    if (args[0] === 'nginx' || args[0] === 'nginx-debug') {
      const isQuiet = process.env.get('NGINX_ENTRYPOINT_QUIET_LOGS') !== undefined;
      const say = (words: string): Run => process.write(1, isQuiet ? '' : `${OWN}: ${words}\n`);
      yield* say('/docker-entrypoint.d/ is not empty, will attempt to perform configuration');
      yield* say('Looking for shell scripts in /docker-entrypoint.d/');
      yield* say(`Launching /docker-entrypoint.d/${SCRIPTS[0]}`);
      yield* listenOnBoth(process, original);
      yield* say(`Sourcing /docker-entrypoint.d/${SCRIPTS[1]}`);
      yield* say(`Launching /docker-entrypoint.d/${SCRIPTS[2]}`);
      yield* fillTemplates(process);
      yield* say(`Launching /docker-entrypoint.d/${SCRIPTS[3]}`);
      yield* say('Configuration complete; ready for start up');
    }
    return yield* become(process, args);
  };

function filesOf(version: string, tag: string, port: number): Files {
  const site = defaultConfig(port);
  const base = baseFiles(tag);
  const users = base['/etc/passwd'] as Extract<ImageFile, { text: string }>;
  const groups = base['/etc/group'] as Extract<ImageFile, { text: string }>;
  return {
    ...base,
    '/etc/passwd': { text: `${users.text}nginx:x:101:101:nginx user:/nonexistent:/bin/false\n` },
    '/etc/group': { text: `${groups.text}nginx:x:101:\n` },
    '/docker-entrypoint.sh': { program: entrypoint(site) },
    ...Object.fromEntries(SCRIPTS.map((name) => [`/docker-entrypoint.d/${name}`, textFile('#!/bin/sh\n', 0o755)])),
    '/etc/nginx/nginx.conf': textFile(
      port === 80 ? CONFIG : CONFIG.replace('user  nginx;\n', '').replace('/run/nginx.pid', '/tmp/nginx.pid'),
    ),
    '/etc/nginx/conf.d/default.conf': { ...textFile(site), ...(port === 80 ? {} : { uid: 101 }) } as ImageFile,
    '/etc/nginx/mime.types': textFile(
      'types {\n    text/html                             html htm;\n    text/css                              css;\n    application/javascript                js;\n    application/json                      json;\n}\n',
    ),
    '/etc/nginx/modules': { link: '/usr/lib/nginx/modules' },
    '/usr/share/nginx/html/index.html': textFile(WELCOME),
    '/usr/share/nginx/html/50x.html': textFile(SORRY),
    '/usr/sbin/nginx': { program: server(version) },
    '/usr/bin/curl': { program: extraProgramsOf('gnu').get('curl')! },
    '/var/log/nginx': { directory: true, mode: 0o755, uid: port === 80 ? 0 : 101 },
    '/var/log/nginx/access.log': { link: '/dev/stdout' },
    '/var/log/nginx/error.log': { link: '/dev/stderr' },
    '/var/cache/nginx': { directory: true, mode: 0o755, uid: 101 },
    '/run': folder(port === 80 ? 0o755 : 0o777),
  };
}

export const nginx: ImageFamily = {
  names: NAMES,
  imageOf(tag, name) {
    const version = versionOf(tag, '1.29.4', RELEASES);
    const isUnprivileged = name.includes('unprivileged');
    const port = isUnprivileged ? 8080 : 80;
    const config = {
      entrypoint: ['/docker-entrypoint.sh'],
      cmd: ['nginx', '-g', 'daemon off;'],
      env: [PATH, `NGINX_VERSION=${version}`, 'NJS_VERSION=0.8.10', 'PKG_RELEASE=1~bookworm'],
      exposedPorts: [`${port}/tcp`],
      stopSignal: 'SIGQUIT',
      ...(isUnprivileged ? { user: '101' } : {}),
    };
    return image(NAMES, config, filesOf(version, tag, port), tag.includes('alpine') ? 48 : 192);
  },
};
