import { parseHTML } from "linkedom";

const namespace = "http://www.w3.org/2000/svg";

export type Attributes = Readonly<Record<string, string | number>>;

/** A document of nowhere, in which figures are drawn. */
export function createDocument(): Document {
  return parseHTML("<!doctype html><html><body></body></html>").document as unknown as Document;
}

/** A detached SVG element. */
export function svgElement(
  document: Document,
  name: string,
  attributes: Attributes,
  children: readonly (Node | string)[] = [],
): SVGElement {
  const element = document.createElementNS(namespace, name) as SVGElement;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

/** Width of text in a plain sans serif, near enough to keep labels apart. */
export function measureText(text: string, size: number): number {
  return [...text.replace(/\p{Mark}/gu, "")].length * size * 0.53;
}
