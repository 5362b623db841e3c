/** The views that there are, in the order of their tabs. */
export const VIEWS = ['nodes', 'events', 'services', 'terminal'] as const;
export type ViewName = (typeof VIEWS)[number];

export const VIEW_TITLES: Record<ViewName, string> = {
  nodes: 'Map',
  events: 'Events',
  services: 'Services',
  terminal: 'Terminal',
};
