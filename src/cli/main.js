#!/usr/bin/env node
// The commands are TypeScript that Node runs as it is. This file is JavaScript, to say so on a Node that cannot.
import '../../scripts/check-node.js';

const { main } = await import('./main.ts');
await main(process.argv.slice(2));
