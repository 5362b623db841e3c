/** One operation as a section of the page. */

import { block, code, escaped, prose } from './markup.ts';
import {
  type Answer,
  type Content,
  type Document,
  nameOfRef,
  type Operation,
  type Parameter,
  type Schema,
  schemaAnchor,
} from './openapi-types.ts';
import { described, fields } from './schema-view.ts';

type Schemas = Document['components']['schemas'];

function opening({ security }: Operation): string {
  if (security.length === 0) return 'Needs no token.';
  return security.some((one) => Object.keys(one).length === 0) ? 'A token is optional.' : 'Needs a token.';
}

const parameterRow = ({ name, in: place, required, description, schema }: Parameter): string =>
  `<dt>${code(name)} <span class="place">in the ${escaped(place)}</span>${required ? ' <b class="required">required</b>' : ''}</dt><dd>${described(schema, description)}</dd>`;

const parameters = (list: Parameter[]): string =>
  list.length === 0 ? '' : `<h4>Parameters</h4><dl class="fields">${list.map(parameterRow).join('')}</dl>`;

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));

function mediaType(media: string, { $ref }: Schema): string {
  const name = $ref && nameOfRef($ref);
  return `<p class="type">${code(media)}${name ? `, <a href="#${schemaAnchor(name)}">${escaped(name)}</a>` : ''}</p>`;
}

/** What a body is of, with examples of it, the first unfolded. */
function body(content: Content, schemas: Schemas, what: string): string {
  return Object.entries(content)
    .map(([media, { schema, examples = {} }]) => {
      const samples = Object.entries(examples).map(([title, { value }], i) => {
        const label = `Example of ${what}: ${title}`;
        return `<details${i === 0 ? ' open' : ''}><summary>${escaped(label)}</summary>${block(shown(value), label)}</details>`;
      });
      return `${mediaType(media, schema)}${samples.join('')}${fields(schema, schemas)}`;
    })
    .join('');
}

function success([status, { description, headers = {}, content = {} }]: [string, Answer]): string {
  const named = Object.entries(headers).map(
    ([name, header]) =>
      `<dt>${code(name)} <span class="place">a header</span></dt><dd><p>${prose(header.description ?? '')}</p></dd>`,
  );
  const media = Object.entries(content).map(([type, { schema }]) => mediaType(type, schema));
  const list = named.length > 0 ? `<dl class="fields">${named.join('')}</dl>` : '';
  return `<h4>Answer ${escaped(status)}</h4><p>${prose(description)}</p>${media.join('')}${list}`;
}

export function operationSection(path: string, method: string, operation: Operation, schemas: Schemas): string {
  const { operationId, summary, requestBody } = operation;
  const answers = Object.entries(operation.responses);
  const errors = answers.filter(([status]) => status >= '400');
  const asked = requestBody
    ? `<h4>Body${requestBody.required ? '' : ', optional'}</h4>${body(requestBody.content, schemas, `the body of ${operationId}`)}`
    : '';
  const refusals = errors.map(
    ([status, { description }]) => `<dt>${escaped(status)}</dt><dd>${prose(description)}</dd>`,
  );
  return `<section class="operation">
<h3 id="${operationId}"><a href="#${operationId}"><span class="method ${method}">${method.toUpperCase()}</span> <span class="path">${escaped(path).replaceAll('/', '/<wbr>')}</span></a></h3>
<p>${prose(summary)}.</p>
<p class="faint">${code(operationId)} · ${opening(operation)}</p>
${parameters(operation.parameters ?? [])}
${asked}
${answers
  .filter(([status]) => status < '400')
  .map(success)
  .join('')}
<h4>Errors</h4><dl class="errors">${refusals.join('')}</dl>
</section>`;
}
