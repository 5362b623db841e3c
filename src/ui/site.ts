/** The door `/`: the first page and the embed. */
import { Hono } from 'hono';

export const siteApp = new Hono();

siteApp.get('/', (c) => c.text('Diorama'));
