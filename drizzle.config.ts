import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'sqlite',
  schema: './src/platform/directory/directory-tables.ts',
  out: './migrations',
});
