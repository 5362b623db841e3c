/**
 * `npm start`: the whole of Diorama on this machine. Options: `--port`, `--https-port`, `--host`, `--state`, `--hosts`, `--limits`,
 * `--trust-forwarded-for`.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseRates } from '../src/platform/admission.ts';
import { LOCAL_RATES } from '../src/platform/limits.ts';
import { ROOT } from './local/bundle.ts';
import { startServer } from './local-server.ts';

const PORT = 8787;
const HTTPS_PORT = 8788;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: process.env.PORT ?? String(PORT) },
    'https-port': { type: 'string', default: process.env.HTTPS_PORT },
    host: { type: 'string', default: '127.0.0.1' },
    state: { type: 'string', default: join(ROOT, '.state') },
    hosts: { type: 'string', default: process.env.HOSTS },
    limits: { type: 'string', default: process.env.LIMITS },
    'trust-forwarded-for': { type: 'boolean', default: false },
  },
});

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) fail(`${text} is not a port`);
  return port;
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

const port = portNumber(values.port);
const nextPort = port === 0 ? 0 : port === PORT ? HTTPS_PORT : port + 1;
const httpsPort = values['https-port'] === undefined ? nextPort : portNumber(values['https-port']);

function checkedLimits(text: string): string {
  try {
    parseRates(text, LOCAL_RATES);
    return text;
  } catch (error) {
    return fail(`The limits cannot be used: ${(error as Error).message}`);
  }
}

const settings = {
  ...(values.hosts ? { HOSTS: values.hosts } : {}),
  ...(values.limits ? { LIMITS: checkedLimits(values.limits) } : {}),
  ...(values['trust-forwarded-for'] ? { TRUST_FORWARDED_FOR: 'true' } : {}),
};

const server = await startServer({ port, httpsPort, host: values.host, stateDir: values.state, settings }).catch(
  (error) => {
    if (error.code === 'EADDRINUSE')
      fail(`Port ${error.port} is taken. Choose others: PORT=9000 npm start (https then uses 9001).`);
    return fail(error.message);
  },
);

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    server.stop().then(() => process.exit(0));
  });
server.exited.then(() => process.exit(1));

console.log(`
Diorama is at ${server.url} (kubectl uses ${server.httpsUrl}). Its state is kept in ${values.state}.

Make a cluster; the answer has its ID and TOKEN:
  curl -sX POST ${server.url}/v1/clusters -H 'content-type: application/json' -d '{"nodes":3}'

Use it:
  curl -s ${server.url}/v1/clusters/ID/kubeconfig -H "authorization: Bearer TOKEN" > kc
  kubectl --kubeconfig kc create deployment web --image=nginx --replicas=3
  kubectl --kubeconfig kc rollout status deployment/web
  kubectl --kubeconfig kc get pods -o wide -w

Or open ${server.url} in a browser. Ctrl-C ends it.
`);
