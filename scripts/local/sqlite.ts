/** Node's own SQLite, which Node 20 and the first of Node 22 do not have. */
type Sqlite = typeof import('node:sqlite');

function load(): Sqlite | undefined {
  const { emitWarning } = process;
  // Node 22 warns that it is experimental, to whoever only wants a server.
  process.emitWarning = () => {};
  try {
    return process.getBuiltinModule?.('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

export const sqlite: Sqlite | undefined = load();
