/** A value as XML text. ClickHouse expands nothing in it: substitution happens by attribute only. */
export const escapeXml = (value: string | number): string =>
  String(value).replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);

export type XmlNode = string | number | XmlTree | readonly XmlNode[];
export interface XmlTree {
  readonly [name: string]: XmlNode;
}

/** Elements in the order of the keys; a list repeats its element. */
export const renderXml = (tree: XmlTree, indent = ''): string =>
  Object.entries(tree)
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? (value as XmlNode[]) : [value]).map((one) => [name, one] as const),
    )
    .map(([name, value]) => {
      if (typeof value !== 'object') return `${indent}<${name}>${escapeXml(value)}</${name}>\n`;
      const inner = renderXml(value as XmlTree, `${indent}  `);
      return inner === '' ? `${indent}<${name}/>\n` : `${indent}<${name}>\n${inner}${indent}</${name}>\n`;
    })
    .join('');
