/** The page's markup. What it shows of a cluster is drawn by src/ui/client. */

const LOGO = `<svg viewBox="0 0 32 32" aria-hidden="true"><path d="M3 25V9l13-6 13 6v16l-13 5z" fill="var(--floor)"/><path d="M3 9l13 6v15L3 25z" fill="var(--line)"/><rect x="9" y="16" width="6" height="6" rx="1.3" fill="hsl(18 68% 55%)"/><rect x="17" y="13" width="6" height="6" rx="1.3" fill="hsl(205 60% 50%)"/><rect x="18" y="20.5" width="6" height="6" rx="1.3" fill="hsl(150 45% 42%)"/></svg>`;

const cube = (x: number, y: number, hue: number): string =>
  `<g transform="translate(${x} ${y})"><rect x="3" y="3" width="26" height="26" rx="5" fill="hsl(${hue} 55% 38%)"/><rect width="26" height="26" rx="5" fill="hsl(${hue} 62% 56%)"/></g>`;

const stageBox = (x: number, cubes: string): string =>
  `<g transform="translate(${x} 0)"><rect width="108" height="120" rx="12" fill="var(--sheet)" stroke="var(--line)"/><path d="M0 74h108v34a12 12 0 0 1-12 12H12A12 12 0 0 1 0 108z" fill="var(--floor)"/>${cubes}</g>`;

const STAGE = `<svg class="stage" viewBox="0 0 360 128" role="img" aria-label="Three nodes with pods in them">${stageBox(
  2,
  cube(14, 66, 18) + cube(50, 78, 205),
)}${stageBox(126, cube(20, 78, 205) + cube(58, 64, 150) + cube(40, 34, 18))}${stageBox(
  250,
  cube(16, 72, 150) + cube(58, 80, 18),
)}</svg>`;

interface PageParts {
  embedded: boolean;
  styleUrl: string;
  scriptUrl: string;
}

const WELCOME = `<main class="welcome">
${STAGE}
<h1>A Kubernetes cluster in milliseconds</h1>
<p>Diorama is a whole simulated cluster: etcd, API server, scheduler, controllers, nodes and their network. It speaks the real API, so kubectl and every client library work with it as they are. No account, nothing to install.</p>
<button class="primary" id="make" type="button">Make a sandbox</button>
<p class="small" id="problem" role="alert" hidden></p>
<ul class="facts">
<li><b>For teaching</b>Put one in a page of your course, or give each student their own.</li>
<li><b>For learning</b>Watch what each component does, and why, as it happens.</li>
<li><b>For testing</b>A fresh cluster for each test, the same with each seed.</li>
</ul>
</main>`;

const EMBED_WITHOUT_TOKEN = `<main class="welcome">
<h1>No token</h1>
<p>This address needs the cluster's token behind it: <code>/embed/ID#TOKEN</code></p>
<button id="make" type="button" hidden></button>
<p class="small" id="problem" role="alert" hidden></p>
</main>`;

const CLUSTER = `<main class="cluster">
<div class="column">
<section class="panel" aria-labelledby="cluster-title">
<h2 id="cluster-title">Cluster</h2>
<div class="counts"><span><b id="node-count">0/0</b>nodes ready</span><span><b id="pod-count">0/0</b>pods running</span><span><b id="service-count">0</b>services</span></div>
<div class="actions">
<button id="deploy" type="button">Deploy web ×3</button>
<button id="more" type="button" aria-label="One replica more">+1 replica</button>
<button id="fewer" type="button" aria-label="One replica fewer">−1 replica</button>
<button id="expose" type="button">Expose web</button>
</div>
<p id="last-request" aria-live="polite"></p>
</section>
<section class="panel" aria-labelledby="nodes-title">
<h2 id="nodes-title">Nodes and pods</h2>
<div id="nodes"></div>
<div id="waiting" hidden>Not scheduled yet<div class="pods" id="waiting-pods"></div></div>
<div id="pod" hidden>
<header><h3 id="pod-name"></h3><button id="delete-pod" type="button">Delete pod</button></header>
<dl id="pod-facts"></dl>
</div>
</section>
<section class="panel" aria-labelledby="commands-title">
<h2 id="commands-title">From your terminal</h2>
<div id="commands"></div>
</section>
</div>
<div class="column">
<section class="panel" aria-labelledby="services-title">
<h2 id="services-title">Services</h2>
<ul id="services"></ul>
</section>
<section class="panel" aria-labelledby="events-title">
<h2 id="events-title">Events</h2>
<p id="no-events" class="quiet">Nothing has happened yet.</p>
<ol id="events"></ol>
</section>
</div>
</main>`;

export function page({ embedded, styleUrl, scriptUrl }: PageParts): string {
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
<body data-view="welcome"${embedded ? ' class="embedded"' : ''}>
<header class="bar"><a class="brand" href="/"${embedded ? ' target="_blank" rel="noopener"' : ''}>${LOGO}Diorama</a><span class="mono" id="cluster-id"></span><span id="connection" role="status">connecting</span></header>
${embedded ? EMBED_WITHOUT_TOKEN : WELCOME}
${CLUSTER}
<footer class="colophon">Emulates Kubernetes v1.37. Kubernetes is a registered trademark of The Linux Foundation; Diorama is not affiliated with it.</footer>
</body>
</html>
`;
}

/** The same picture as the brand's, with its own colours, since an icon knows no style sheet. */
export const ICON = LOGO.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ')
  .replaceAll('var(--floor)', '#d9cdb8')
  .replaceAll('var(--line)', '#b9aa8f');
