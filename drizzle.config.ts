import { defineConfig } from 'drizzle-kit';

export default defineConfig({ dialect: 'sqlite', schema: './src/platform/directory-tables.ts', out: './migrations' });
