/** `npm start`: what `kube-diorama up` does. */
import { main } from '../src/cli/main.ts';

await main(['up', ...process.argv.slice(2)]);
