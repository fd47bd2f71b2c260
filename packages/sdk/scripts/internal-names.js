import { readdirSync, readFileSync } from 'node:fs';

import ts from 'typescript';

const SDK = new URL('../src/', import.meta.url);
const PROTOCOL = new URL('../../protocol/src/', import.meta.url);

/** Files whose interfaces are between our own parts. */
const OWN = [
  ...['client', 'late', 'state', 'life', 'numbering', 'capture/context', 'capture/views', 'capture/anchors'],
  ...[
    'capture/depth',
    'capture/gestures',
    'capture/requests',
    'identity/index',
    'identity/consent',
    'identity/landing',
  ],
  ...['delivery/body', 'delivery/index', 'delivery/limits', 'delivery/outbox', 'delivery/outbox-indexeddb'],
  ...[
    'delivery/lane',
    'delivery/post',
    'delivery/sender',
    'delivery/sending',
    'delivery/unload',
    'lib/clock',
    'lib/random',
    'lib/seams',
    'vitals/metric',
    'vitals/page',
    'vitals/inp',
  ],
];
/** Files whose names somebody else reads: the site, the log on the device, the collector's answers. */
const SHOWN = [
  'types',
  'delivery/row',
  'delivery/tally',
  'delivery/request',
  'identity/session',
  'snippet',
  'stub',
];

const walk = (node, found) => {
  found(node);
  ts.forEachChild(node, (child) => walk(child, found));
};
const namesIn = (url, wanted) => {
  const names = [];
  const source = ts.createSourceFile(url.href, readFileSync(url, 'utf8'), ts.ScriptTarget.Latest, true);
  walk(source, (node) => {
    if (wanted(node)) names.push(node.name.text);
  });
  return names;
};
const isMember = (node) =>
  (ts.isPropertySignature(node) || ts.isMethodSignature(node)) && ts.isInterfaceDeclaration(node.parent);
/** Also names of attributes, which are taken out of a `dataset`. */
const isName = (node) =>
  ts.isPropertySignature(node) ||
  ts.isMethodSignature(node) ||
  ts.isPropertyAssignment(node) ||
  (ts.isBindingElement(node) && !node.propertyName && ts.isIdentifier(node.name));

/**
 * Property names that the script files may shorten: those between our own parts, without what the wire, the log or the
 * site's code reads. What browsers read, terser knows.
 */
export const internalNames = () => {
  const wire = readdirSync(PROTOCOL).map((file) => new URL(file, PROTOCOL));
  const shown = new Set([
    ...SHOWN.flatMap((name) => namesIn(new URL(`${name}.ts`, SDK), isName)),
    ...wire.flatMap((url) => namesIn(url, isName)),
  ]);
  const own = OWN.flatMap((name) => namesIn(new URL(`${name}.ts`, SDK), isMember));
  return [...new Set(own)].filter((name) => !shown.has(name)).sort();
};
