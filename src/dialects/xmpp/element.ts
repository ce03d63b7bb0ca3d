import { SaxesParser } from 'saxes';

/** One element of XML, with its namespace worked out. */
export interface XmlElement {
  /** Without a prefix. */
  readonly name: string;
  readonly xmlns: string;
  /** Attributes without a namespace. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** The text that stands directly in it. */
  readonly text: string;
}

/** Deeper than any stanza of XMPP. */
const deepest = 50;

/** Reads one document; null when it is not well-formed, too deep, or declares a document type (XMPP forbids it). */
export function parseXml(xml: string): XmlElement | null {
  const parser = new SaxesParser({ xmlns: true });
  const stack: Growing[] = [];
  const roots: XmlElement[] = [];
  const faults: string[] = [];
  const spoil = (): void => void faults.push('unsound');
  parser.on('error', spoil);
  parser.on('doctype', spoil);
  parser.on('opentag', ({ local, uri, attributes }) => {
    const plain = Object.values(attributes).filter(({ prefix }) => prefix === '');
    const element = {
      name: local,
      xmlns: uri,
      attributes: Object.fromEntries(plain.map(({ local: name, value }) => [name, value])),
      children: [],
      text: '',
    };
    const parent = stack.at(-1);
    if (parent === undefined) roots.push(element);
    else parent.children.push(element);
    stack.push(element);
    if (stack.length > deepest) spoil();
  });
  const addText = (text: string): void => {
    const at = stack.at(-1);
    if (at !== undefined) at.text += text;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => void stack.pop());
  parser.write(xml).close();
  return faults.length === 0 ? (roots[0] ?? null) : null;
}

interface Growing {
  readonly children: XmlElement[];
  text: string;
}

/** The first child of this name, and of this namespace when one is given. */
export const child = ({ children }: XmlElement, name: string, xmlns?: string): XmlElement | undefined =>
  children.find((one) => one.name === name && (xmlns === undefined || one.xmlns === xmlns));

/** Text as it stands in an attribute or an element. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>'"]/g, (character) => `&#${character.codePointAt(0) ?? 0};`);
