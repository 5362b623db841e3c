/** The directory in D1: which clusters there are. A cluster's own state is in its Durable Object, never here. */
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export const clusters = sqliteTable(
  'clusters',
  {
    id: text().primaryKey(),
    name: text().notNull(),
    /** Milliseconds since 1970, as is `expiresAt`. */
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    /** SHA-256 of the admin's token in hex; the token itself is nowhere. */
    tokenHash: text('token_hash').notNull(),
    /** What was asked for, as JSON: a `ClusterDescription`. */
    spec: text({ mode: 'json' }).notNull(),
  },
  (table) => [index('clusters_token_hash').on(table.tokenHash), index('clusters_expires_at').on(table.expiresAt)],
);
