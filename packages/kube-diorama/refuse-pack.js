// The repository itself is not what is published: npm runs this before it packs it.
console.error('This is the source. The package is dist/package: npm run build:package makes it, and its tarball.');
process.exit(1);
