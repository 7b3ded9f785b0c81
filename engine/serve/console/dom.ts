type Attribute = string | number | boolean | null | undefined | ((event: never) => void);
export type Attributes = Readonly<Record<string, Attribute>>;
export type Child = Node | string | null | undefined | false;

const svgNamespace = 'http://www.w3.org/2000/svg';

function fill(target: Element, attributes: Attributes, children: readonly Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') target.addEventListener(name, value as EventListener);
    else target.setAttribute(name, value === true ? '' : String(value));
  }
  append(target, ...children);
}

/** An element with attributes; a function is a listener of the event it is named by. Text goes in as text nodes, always. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  fill(made, attributes, children);
  return made;
}

export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[Tag] {
  const made = document.createElementNS(svgNamespace, tag);
  fill(made, attributes, children);
  return made;
}

export function append(target: Element, ...children: Child[]): void {
  target.append(...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false));
}

/** Writes only what differs: an unchanged text costs no layout. */
export function setText(target: Node | null, text: string): void {
  if (target !== null && target.textContent !== text) target.textContent = text;
}

export function setClass(target: Element, name: string): void {
  if (target.getAttribute('class') !== name) target.setAttribute('class', name);
}

export function setAttribute(target: Element, name: string, value: string | null): void {
  if (value === null) target.removeAttribute(name);
  else if (target.getAttribute(name) !== value) target.setAttribute(name, value);
}

export function byId<Type extends HTMLElement>(id: string): Type {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found as Type;
}

/** Text that only screen readers get. */
export function hiddenText(text: string): HTMLElement {
  return element('span', { class: 'hidden-text' }, text);
}
