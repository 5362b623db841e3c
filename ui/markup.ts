/** The page's markup, written into the two documents by scripts/ui.ts. What it shows of a cluster is drawn by the script. */
import { VIEW_TITLES, VIEWS, type ViewName } from './views.ts';

const LOGO = `<svg viewBox="0 0 32 32" aria-hidden="true"><path d="M3 25V9l13-6 13 6v16l-13 5z" fill="var(--floor)"/><path d="M3 9l13 6v15L3 25z" fill="var(--line)"/><rect x="9" y="16" width="6" height="6" rx="1.3" fill="hsl(18 68% 55%)"/><rect x="17" y="13" width="6" height="6" rx="1.3" fill="hsl(205 60% 50%)"/><rect x="18" y="20.5" width="6" height="6" rx="1.3" fill="hsl(150 45% 42%)"/></svg>`;

const cube = (x: number, y: number, hue: number): string =>
  `<g transform="translate(${x} ${y})"><rect x="3" y="3" width="26" height="26" rx="5" fill="hsl(${hue} 55% 38%)"/><rect width="26" height="26" rx="5" fill="hsl(${hue} 62% 56%)"/></g>`;

const stageBox = (x: number, cubes: string): string =>
  `<g transform="translate(${x} 0)"><rect width="108" height="120" rx="12" fill="var(--sheet)" stroke="var(--line)"/><path d="M0 74h108v34a12 12 0 0 1-12 12H12A12 12 0 0 1 0 108z" fill="var(--floor)"/>${cubes}</g>`;

const STAGE = `<svg class="stage" viewBox="0 0 360 128" aria-hidden="true">${stageBox(
  2,
  cube(14, 66, 18) + cube(50, 78, 205),
)}${stageBox(126, cube(20, 78, 205) + cube(58, 64, 150) + cube(40, 34, 18))}${stageBox(
  250,
  cube(16, 72, 150) + cube(58, 80, 18),
)}</svg>`;

const WELCOME = `<section id="welcome">
${STAGE}
<h1>A Kubernetes cluster in milliseconds</h1>
<p>Diorama is a whole simulated cluster: etcd, API server, scheduler, controllers, nodes and their network. It speaks the real API, so kubectl and every client library work with it as they are. No account, nothing to install.</p>
<button class="primary" id="make" type="button">Make a sandbox</button>
<ul class="facts">
<li><b>For teaching</b>Put one in a page of your course, or give each student their own.</li>
<li><b>For learning</b>Watch what each component does, and why, as it happens.</li>
<li><b>For testing</b>A fresh cluster for each test, the same with each seed.</li>
</ul>
</section>`;

const CONTENTS: Record<ViewName, string> = {
  nodes: `<div id="strip" hidden><label class="sr" for="namespace">Namespace</label><select id="namespace"></select><ul id="owners"></ul></div>
<div id="nodes"></div>
<p id="no-nodes" class="quiet" hidden>No nodes.</p>
<section id="waiting" aria-label="Not scheduled" hidden><ul></ul></section>`,
  events: `<p id="no-events" class="quiet">Nothing has happened yet.</p>
<ol id="events"></ol>
<button id="older" type="button" hidden>Older</button>`,
  services: `<p id="no-services" class="quiet">No services.</p>
<ul id="services"></ul>`,
  terminal: `<p class="quiet">The same cluster from your own terminal:</p>
<div id="lines"></div>`,
};

const tab = (name: ViewName): string =>
  `<button type="button" role="tab" id="tab-${name}" aria-controls="view-${name}">${VIEW_TITLES[name]}</button>`;

const view = (name: ViewName): string =>
  `<section class="view" id="view-${name}" role="tabpanel" aria-labelledby="tab-${name}" tabindex="-1">
${CONTENTS[name]}
</section>`;

/** `embedded`: for a frame in somebody else's page. */
export function page({
  embedded,
  styleUrl,
  scriptUrl,
}: Record<'styleUrl' | 'scriptUrl', string> & { embedded: boolean }): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Diorama</title>
<meta name="description" content="A Kubernetes cluster in milliseconds, for teaching, learning and testing">
<link rel="icon" href="/ui/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${styleUrl}">
<script type="module" src="${scriptUrl}"></script>
</head>
<body data-state="${embedded ? 'panel' : 'welcome'}"${embedded ? ' class="embedded"' : ''}>
<header class="bar">
<a class="brand" href="/"${embedded ? ' target="_blank" rel="noopener"' : ''} aria-label="Diorama">${LOGO}<span>Diorama</span></a>
<h1 id="name" tabindex="-1">Sandbox</h1>
<span id="connection" role="status"></span>
<span id="counts"></span>
<span id="clock" title="The cluster's own time"></span>
</header>
<main>
${embedded ? '' : WELCOME}
<section id="panel" role="region" aria-labelledby="panel-title"${embedded ? '' : ' hidden'}>
${STAGE}
<h1 id="panel-title" tabindex="-1">Diorama</h1>
<p id="panel-text" role="alert"><noscript>This page needs JavaScript.</noscript></p>
<div id="panel-actions"></div>
</section>
<div id="cluster">
<div id="tabs" role="tablist" aria-label="Views">${VIEWS.map(tab).join('')}</div>
<p id="notice" role="alert" hidden><span></span><button type="button" aria-label="Close">×</button></p>
<div id="views">
${VIEWS.map(view).join('\n')}
<aside id="inspector" aria-labelledby="inspector-title" hidden>
<header><h2 id="inspector-title" tabindex="-1"></h2><button id="delete-pod" type="button">Delete</button><button id="close" type="button" aria-label="Close">×</button></header>
<p id="inspector-why"></p>
<dl id="facts"></dl>
<ul id="inspector-pods"></ul>
<ol id="inspector-events"></ol>
</aside>
</div>
<section id="dock" aria-label="Commands" hidden><ul></ul></section>
</div>
</main>
${embedded ? '' : '<footer class="colophon"><a href="/docs">The API</a> · Emulates Kubernetes v1.37. Kubernetes is a registered trademark of The Linux Foundation; Diorama is not affiliated with it.</footer>\n'}</body>
</html>
`;
}

/** The same picture as the brand's, with its own colours, since an icon knows no style sheet. */
export const ICON = LOGO.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ')
  .replaceAll('var(--floor)', '#d9cdb8')
  .replaceAll('var(--line)', '#b9aa8f');
