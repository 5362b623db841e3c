#!/usr/bin/env node
/** `kube-diorama`, as the package starts it: on any Node that it runs on. */
import { spawn } from 'node:child_process';

const OLDEST = [20, 11];
/** Node 20 has the client of WebSockets that the bridge speaks by, but not unasked. */
const NEEDS_WEBSOCKET = 'bridge';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const args = process.argv.slice(2);

if (major < OLDEST[0]! || (major === OLDEST[0] && minor < OLDEST[1]!)) {
  console.error(`kube-diorama: Node ${OLDEST.join('.')} or newer is needed; this is ${process.versions.node}`);
  process.exitCode = 1;
} else if (args[0] === NEEDS_WEBSOCKET && typeof WebSocket === 'undefined') {
  const flags = ['--experimental-websocket', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, ...process.argv.slice(1)], { stdio: 'inherit' });
  // The terminal tells both; the child ends when it has cleaned up, and with it this process.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.once('exit', (code) => {
    process.exitCode = code ?? 1;
  });
} else {
  const { main } = await import('../../src/cli/main.ts');
  await main(args);
}
