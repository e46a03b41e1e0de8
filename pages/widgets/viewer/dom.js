// Elements, icons and small helpers.

/**
 * @typedef {string | number | boolean | null | undefined | ((event: any) => void)} Attribute a function listens
 *   to the event that its name says after `on`; false and nothing leave the attribute out.
 */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, Attribute>} attributes
 * @param {(Node | string)[]} children
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === undefined || value === null) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = String(value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== ""));
  return node;
}

const ICONS = {
  grid: "<path d='M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z'/>",
  large: "<path d='M2 3h12v10H2z'/>",
  side: "<path d='M1.5 3h5.5v10H1.5zM9 3h5.5v10H9z'/>",
  swipe: "<path d='M2 3h12v10H2z M8 1v14'/><path d='M2 3h6v10H2z' fill='currentColor' opacity='.35' stroke='none'/>",
  flicker: "<path d='M2 6V3h9v7H9'/><path d='M5 6h9v7H5z'/>",
  difference: "<path d='M8 3v6M5 6h6M5 12h6'/>",
  loupe: "<circle cx='7' cy='7' r='4.5'/><path d='M10.5 10.5 14 14'/>",
  region: "<path d='M3 3h10v10H3z' stroke-dasharray='2.4 1.6'/>",
  whole: "<path d='M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4'/>",
  notes: "<path d='M3 2h10v12H3zM5.5 5.5h5M5.5 8h5M5.5 10.5h3'/>",
  help: "<path d='M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M8 12.4v.6'/>",
  plus: "<path d='M8 3v10M3 8h10'/>",
  minus: "<path d='M3 8h10'/>",
  play: "<path d='M4 2.5v11l9-5.5z' fill='currentColor'/>",
  pause: "<path d='M4.5 3v10M11.5 3v10' stroke-width='2.6'/>",
  exchange: "<path d='M2 5h11M10 2l3 3-3 3M14 11H3M6 8l-3 3 3 3'/>",
  close: "<path d='M4 4l8 8M12 4l-8 8'/>",
};

/** @param {keyof typeof ICONS} name */
export function icon(name) {
  const holder = document.createElement("template");
  holder.innerHTML = `<svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor"
    stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round" aria-hidden="true">${ICONS[name]}</svg>`;
  return known(holder.content.firstElementChild);
}

/**
 * @param {keyof typeof ICONS} name
 * @param {string} label
 * @param {string} keys
 * @param {() => void} onclick
 * @param {string} [text]
 */
export function toolButton(name, label, keys, onclick, text = "") {
  return element(
    "button",
    { type: "button", class: text ? "tool worded" : "tool", title: keys ? `${label} (${keys})` : label,
      "aria-label": text ? undefined : label, "aria-keyshortcuts": keys || undefined, onclick },
    icon(name),
    text ? element("span", {}, text) : "",
  );
}

/** @type {(value: number, low: number, high: number) => number} */
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** @param {string} name */
export const letter = (name) => element("span", { class: `letter ${name.toLowerCase()}` }, name);

/**
 * What must be there.
 *
 * @template T
 * @param {T | null | undefined} value
 * @returns {T}
 */
export function known(value) {
  if (value === null || value === undefined) throw new Error("the viewer lost something that must be there");
  return value;
}

/**
 * @template {HTMLCanvasElement | OffscreenCanvas} Canvas
 * @param {Canvas} canvas
 * @param {CanvasRenderingContext2DSettings} [settings]
 * @returns {Canvas extends HTMLCanvasElement ? CanvasRenderingContext2D : OffscreenCanvasRenderingContext2D}
 */
export function context2d(canvas, settings) {
  return /** @type {any} */ (known(canvas.getContext("2d", settings)));
}

/**
 * The element that an event began at.
 *
 * @param {Event} event
 */
export const origin = (event) => /** @type {Element} */ (event.target);

/**
 * The element that has the focus in the document or shadow tree of a node.
 *
 * @param {Node} node
 */
export const focusBeside = (node) => /** @type {DocumentOrShadowRoot & Node} */ (node.getRootNode()).activeElement;

/**
 * The element that scrolls a node, across shadow roots.
 *
 * @param {Element} node
 */
export function scroller(node) {
  /** @type {Element | undefined} */
  let up = node;
  while (up) {
    if (up !== node && /auto|scroll/.test(getComputedStyle(up).overflowY)) return up;
    up = up.parentElement ?? /** @type {Partial<ShadowRoot>} */ (up.getRootNode()).host;
  }
  return known(document.scrollingElement);
}
