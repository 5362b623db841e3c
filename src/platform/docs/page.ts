/** The OpenAPI document as a page: drawn on the server, whole without a script. */

import { code, escaped, prose } from './markup.ts';
import { type Document, type Operation, schemaAnchor } from './openapi-types.ts';
import { operationSection } from './operation-view.ts';
import { fields } from './schema-view.ts';

interface Place {
  path: string;
  method: string;
  operation: Operation;
}

const placesOf = (document: Document): Place[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

const navigation = (tag: string, places: Place[]): string =>
  `<li><a href="#${tag}">${escaped(tag)}</a><ul>${places
    .map(({ path, method, operation }) => {
      const shown = escaped(path.replace('/v1', '')).replaceAll('/', '/<wbr>');
      return `<li><a href="#${operation.operationId}"><span class="method ${method}">${method.toUpperCase()}</span> ${shown}</a></li>`;
    })
    .join('')}</ul></li>`;

/** `style`: what stands in the page's style element. */
export function docsPage(document: Document, style: string): string {
  const { info, tags, components } = document;
  const places = placesOf(document);
  const of = (tag: string): Place[] => places.filter(({ operation }) => operation.tags.includes(tag));
  const sections = tags.map(({ name, description }) => {
    const operations = of(name).map((one) => operationSection(one.path, one.method, one.operation, components.schemas));
    return `<section><h2 id="${name}">${escaped(name)}</h2><p>${prose(description)}</p>${operations.join('')}</section>`;
  });
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `<section class="operation"><h3 id="${schemaAnchor(name)}"><a href="#${schemaAnchor(name)}">${escaped(name)}</a></h3><p>${prose(schema.description ?? '')}</p>${fields(schema, components.schemas)}</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(info.title)}: the API</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#main">To the operations</a>
<header>
<h1><a href="/">${escaped(info.title)}</a>: the API</h1>
<p>${prose(info.description)}</p>
<p>Paths are this server's. Where a token is needed it is sent as ${code('authorization: Bearer TOKEN')}; errors are a <a href="#${schemaAnchor('Problem')}">Problem</a>. The same as a document for generators: <a href="/v1/openapi.json">/v1/openapi.json</a>.</p>
</header>
<nav aria-label="Operations"><ul>${tags.map(({ name }) => navigation(name, of(name))).join('')}<li><a href="#schemas">schemas</a></li></ul></nav>
<main id="main">
${sections.join('\n')}
<section><h2 id="schemas">schemas</h2><p>What bodies and answers are made of.</p>${schemas.join('\n')}</section>
</main>
</body>
</html>
`;
}
