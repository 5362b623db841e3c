// The scripts are TypeScript that Node runs as it is. This one is JavaScript, to say so on a Node that cannot.
const NEEDED = [22, 18];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  console.error(`Diorama needs Node ${NEEDED.join('.')} or newer; this is ${process.versions.node}.
On Linux (x64 and arm64) \`npm ci\` brings one along. Elsewhere, install a newer Node and try again.`);
  process.exit(1);
}
