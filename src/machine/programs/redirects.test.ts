/** Redirects, those of a server's own and those that its clients follow, on either side of each bound. */
import { expect, it } from 'vitest';
import { imageFor } from '../images/image-for.ts';
import { containerOf, machineOf, TEST_START } from '../test-machine.ts';
import { MAX_REDIRECTS as MOST_OF_CURL } from './curl.ts';
import { MAX_REDIRECTS as MOST_OF_NGINX } from './nginx/answers.ts';
import { MAX_REDIRECTS as MOST_OF_WGET } from './wget.ts';

/** An nginx with such a server at port 81, in which lines of the shell run. */
function nginxWith(server: string): (line: string) => string {
  const image = imageFor('nginx:alpine');
  const machine = machineOf(image);
  expect(machine.start({ ...containerOf([]), command: undefined, image: 'nginx:alpine' })).toBeUndefined();
  let now = TEST_START;
  const pass = (): void => {
    now += 1000;
    machine.advance(now);
  };
  const run = (line: string, stdin = ''): string => {
    pass();
    const session = machine.exec('c', ['sh', '-c', line], { stdin: true, tty: false });
    if ('reason' in session) throw new Error(session.message);
    session.write(stdin);
    session.endInput();
    for (let i = 0; i < 100 && session.exitCode === undefined; i++) pass();
    return session
      .take()
      .map(({ bytes }) => bytes)
      .join('');
  };
  expect(
    run('cat > /etc/nginx/conf.d/more.conf; nginx -s reload 2>/dev/null; sleep 1', `server { listen 81; ${server} }`),
  ).toBe('');
  return run;
}

/** Locations of which each leads to the one before, by a directive in which TO is that. */
const chain = (length: number, step: string): string =>
  `location = /0 { return 200 end; } ${Array.from({ length }, (_, i) => `location = /${i + 1} { ${step.replace('TO', `/${i}`)} }`).join(' ')}`;

it('follows so many redirects by curl and by wget, and no more', () => {
  const run = nginxWith(chain(MOST_OF_CURL + 1, 'return 302 TO;'));
  expect(run(`curl -sSL localhost:81/${MOST_OF_CURL}`)).toBe('end');
  expect(run(`curl -sSL localhost:81/${MOST_OF_CURL + 1}`)).toBe(
    `curl: (47) Maximum (${MOST_OF_CURL}) redirects followed\n`,
  );
  expect(run(`wget -qO- localhost:81/${MOST_OF_WGET}`)).toBe('end');
  expect(run(`wget -qO- localhost:81/${MOST_OF_WGET + 1}`)).toBe('wget: too many redirections\n');
});

it('changes the path of a request so often in nginx, and no more often', () => {
  for (const step of ['rewrite ^ TO;', 'try_files /none TO;']) {
    const run = nginxWith(chain(MOST_OF_NGINX + 1, step));
    expect(run(`curl -s localhost:81/${MOST_OF_NGINX}`), step).toBe('end');
    expect(run(`curl -so /dev/null -w '%{http_code}' localhost:81/${MOST_OF_NGINX + 1}`), step).toBe('500');
  }
});

it('ends requests in nginx that would go round for ever', () => {
  const run = nginxWith(
    `location /named { try_files /none @again; } location @again { try_files /none @again; }
     location /proxied { error_page 502 /proxied; proxy_pass http://127.0.0.1:9; }`,
  );
  const status = (path: string) => run(`curl -so /dev/null -w '%{http_code}' localhost:81${path}`);
  expect(status('/named')).toBe('500');
  expect(status('/proxied')).toBe('502');
});
