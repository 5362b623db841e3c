CREATE TABLE `clusters` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`token_hash` text NOT NULL,
	`spec` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `clusters_token_hash` ON `clusters` (`token_hash`);--> statement-breakpoint
CREATE INDEX `clusters_expires_at` ON `clusters` (`expires_at`);