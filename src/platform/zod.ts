/** Schemas that OpenAPI documents can be made of. */
// biome-ignore lint/style/noRestrictedImports: it gives schemas their method `openapi`
import '@hono/zod-openapi';

export { z } from './zod-parts.ts';
