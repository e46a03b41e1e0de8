// Elements, icons and small helpers. Of this folder only streamlit.js knows anything of the page.

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === undefined || value === null) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== undefined && child !== ""));
  return node;
}

const ICONS = {
  grid: "<path d='M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z'/>",
  large: "<path d='M2 3h12v10H2z'/>",
  swipe: "<path d='M2 3h12v10H2z M8 1v14'/><path d='M2 3h6v10H2z' fill='currentColor' opacity='.35' stroke='none'/>",
  flicker: "<path d='M2 6V3h9v7H9'/><path d='M5 6h9v7H5z'/>",
  difference: "<path d='M8 3v6M5 6h6M5 12h6'/>",
  loupe: "<circle cx='7' cy='7' r='4.5'/><path d='M10.5 10.5 14 14'/>",
  region: "<path d='M3 3h10v10H3z' stroke-dasharray='2.4 1.6'/>",
  whole: "<path d='M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4'/>",
  help: "<path d='M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M8 12.4v.6'/>",
  plus: "<path d='M8 3v10M3 8h10'/>",
  minus: "<path d='M3 8h10'/>",
  play: "<path d='M4 2.5v11l9-5.5z' fill='currentColor'/>",
  pause: "<path d='M4.5 3v10M11.5 3v10' stroke-width='2.6'/>",
  exchange: "<path d='M2 5h11M10 2l3 3-3 3M14 11H3M6 8l-3 3 3 3'/>",
  close: "<path d='M4 4l8 8M12 4l-8 8'/>",
};

export function icon(name) {
  const holder = document.createElement("template");
  holder.innerHTML = `<svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor"
    stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round" aria-hidden="true">${ICONS[name]}</svg>`;
  return holder.content.firstElementChild;
}

export function toolButton(name, label, keys, onclick, text = "") {
  return element(
    "button",
    { type: "button", class: text ? "tool worded" : "tool", title: keys ? `${label} (${keys})` : label,
      "aria-label": text ? undefined : label, "aria-keyshortcuts": keys || undefined, onclick },
    icon(name),
    text ? element("span", {}, text) : "",
  );
}

export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
export const letter = (name) => element("span", { class: `letter ${name.toLowerCase()}` }, name);

// The element that scrolls a node, across shadow roots.
export function scroller(node) {
  for (let up = node; up; up = up.parentElement ?? up.getRootNode().host) {
    if (up !== node && /auto|scroll/.test(getComputedStyle(up).overflowY)) return up;
  }
  return document.scrollingElement;
}
