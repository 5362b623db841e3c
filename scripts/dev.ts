/** `npm run dev`: wrangler on the state of `npm start`, which is one's or the other's at a time. */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './local/bundle.ts';
import { openStateFolder, privately } from './local/state-folder.ts';
import { lockState } from './local/state-lock.ts';

const STATE = join(ROOT, '.state');
const PORT = 8787;
const WRANGLER = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');
const PERSISTED = ['--persist-to', STATE];

openStateFolder(STATE, []);
const lock = await lockState(STATE).catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
const options = { cwd: ROOT, stdio: 'inherit' } as const;
const child = privately(() => {
  spawnSync(process.execPath, [WRANGLER, 'd1', 'migrations', 'apply', 'DB', '--local', ...PERSISTED], options);
  return spawn(
    process.execPath,
    [WRANGLER, 'dev', '--port', String(PORT), '--var', 'HOSTS:localhost', ...PERSISTED],
    options,
  );
});
if (child.pid !== undefined) lock.serves(child.pid, `http://localhost:${PORT}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
child.once('exit', (code) => {
  lock.release();
  process.exit(code ?? 1);
});
