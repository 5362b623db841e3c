/** The look of the page, by day and by night. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#f4efe6, #12151d);
  --sheet: light-dark(#fffdf8, #1b202c);
  --ink: light-dark(#20242e, #e9ecf3);
  --faint: light-dark(#5c606b, #a6aec0);
  --line: light-dark(#ddd4c3, #313a4d);
  --accent: light-dark(#a0381b, #ff9d6c);
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif;
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--paper); color: var(--ink);
  display: grid; gap: 1.5rem; grid-template-columns: minmax(0, 1fr); overflow-wrap: anywhere;
}
a { color: var(--accent); }
h1, h2, h3, h4, p, dl, dd, ul, pre { margin: 0; padding: 0; }
h1 { font-size: 1.7rem; line-height: 1.2; }
h2 { font-size: 1.4rem; }
h2::first-letter { text-transform: uppercase; }
h3 { font-size: 1.05rem; font-family: var(--mono); }
h3 a { color: inherit; text-decoration: none; }
h3 a:hover { text-decoration: underline; }
h4 { font-size: .95rem; margin-top: .6rem; }
ul { list-style: none; }
header { grid-column: 1 / -1; }
header, main, section { display: grid; gap: .6rem; grid-template-columns: minmax(0, 1fr); align-content: start; }
main { gap: 2rem; }
code, pre { font-family: var(--mono); font-size: .88em; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 1rem; background: var(--sheet); padding: .5rem 1rem; }
nav { font-size: .9rem; min-width: 0; }
nav > ul { display: grid; gap: .8rem; }
nav > ul > li > a { font-weight: 600; }
nav a { display: block; padding: .15rem 0; min-height: 24px; text-decoration: none; }
nav a:hover { text-decoration: underline; }
.operation { background: var(--sheet); border: 1px solid var(--line); border-radius: 10px; padding: .9rem; }
.method { font: 600 .8em var(--mono); color: var(--accent); }
.method.get { color: light-dark(#1d6645, #6fd29e); }
.faint, .type, .place, .like { color: var(--faint); font-size: .9rem; }
.like { display: block; }
.required { font-size: .8rem; color: var(--accent); }
.fields { display: grid; gap: .1rem; grid-template-columns: minmax(0, 1fr); }
.fields dt { padding-top: .4rem; border-top: 1px solid var(--line); }
.fields dd { padding-left: 1rem; }
.errors { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem .8rem; font-size: .9rem; }
.errors dt { font-family: var(--mono); }
details { margin-top: .2rem; }
summary { cursor: pointer; color: var(--accent); font-size: .9rem; padding: .15rem 0; min-height: 24px; }
details > .fields { border-left: 2px solid var(--line); padding-left: .6rem; }
pre { overflow: auto; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: .7rem; white-space: pre; overflow-wrap: normal; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
@media (min-width: 60rem) {
  body { grid-template-columns: 18rem minmax(0, 1fr); }
  nav { position: sticky; top: 1rem; max-height: calc(100vh - 2rem); overflow: auto; align-self: start; }
}
@media print { nav { display: none; } }
`;
