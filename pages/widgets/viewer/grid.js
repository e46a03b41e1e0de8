// Side by side: rows of pictures with their captions.

import { clamp, element, known } from "./dom.js";
import { attachGestures } from "./gestures.js";
import { Surface } from "./surface.js";

/**
 * @import { Frame, Panel, Row } from "./payload.js"
 * @import { Picture } from "./picture.js"
 * @import { Viewer } from "./viewer.js"
 */

const GAP = 14;
const COLUMNS = 4;
export const BAR = 36;
const WORDS = 78; // heading and the first lines of the caption, where no style says --words

class Tile {
  /**
   * @param {Viewer} viewer
   * @param {Panel} panel
   */
  constructor(viewer, panel) {
    this.viewer = viewer;
    this.panel = panel;
    this.bar = "";
    this.surface = new Surface(viewer);
    this.digit = element("span", { class: "digit", "aria-hidden": "true" });
    this.badge = element("span", { class: "badge", "aria-hidden": "true" });
    const { pixels, marks } = this.surface;
    this.button = element("button", { type: "button", class: "picture" }, pixels, marks, this.digit, this.badge);
    this.caption = element("figcaption");
    this.node = element("figure", {}, this.button, this.caption);
    this.visible = true;
    attachGestures(this.surface, this.button, viewer);
    this.button.addEventListener("click", () => {
      if (this.button.dataset.dragged) delete this.button.dataset.dragged;
      else viewer.pick(this.panel.key);
    });
  }

  /**
   * @param {Panel} panel
   * @param {number} number
   * @param {string} bar
   */
  fill(panel, number, bar) {
    this.panel = panel;
    this.digit.textContent = number <= 9 ? String(number) : "";
    this.button.setAttribute("aria-label", panel.alt);
    if (number <= 9) this.button.setAttribute("aria-keyshortcuts", `${number}`);
    else this.button.removeAttribute("aria-keyshortcuts");
    this.bar = bar;
    this.write();
  }

  write() {
    this.caption.replaceChildren(...caption(this.viewer.frame(this.panel), this.bar));
  }

  /** @param {Picture} picture */
  show(picture) {
    this.surface.layers = [{ picture, from: 0, to: 1 }];
  }
}

/**
 * What is said about a picture: title, levels, figures, note, colour scale.
 *
 * @param {Panel & Frame} panel
 * @param {string} bar
 */
export function caption(panel, bar) {
  const words = [element("div", { class: "title" }, panel.title)];
  if (panel.levels) words.push(element("div", { class: "levels" }, panel.levels));
  const figure = panel.inside || panel.figure;
  if (figure) {
    const [first, ...rest] = figure.split(" · ");
    const mark = { class: "mark", title: "Inside the region", role: "img", "aria-label": "inside the region" };
    words.push(element(
      "div", { class: panel.inside ? "figure inside" : "figure" },
      panel.inside ? element("span", mark) : "",
      element("strong", {}, first),
      ...rest.map((each, index) => element("span", { class: index ? "more" : "" }, ` · ${each}`)),
    ));
  }
  // Beside the region's figures those of the whole picture, not a note that belongs to these.
  if (panel.inside && panel.figure) words.push(element("div", { class: "note" }, `whole: ${short(panel.figure)}`));
  else if (panel.note) words.push(element("div", { class: `note ${panel.tone || ""}` }, panel.note));
  if (panel.scale) words.push(scaleBar(bar, "0", panel.scale));
  return words;
}

/** @param {string} figure */
export const short = (figure) => figure.split(" · ").slice(0, 2).join(" · ");

/**
 * @param {string} bar
 * @param {string} low
 * @param {string} high
 */
function scaleBar(bar, low, high) {
  const image = element("img", { alt: "", src: `data:image/png;base64,${bar}` });
  return element("div", { class: "scale" }, element("span", {}, low), image, element("span", {}, high));
}

export class Grid {
  /** @param {Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.node = element("div", { class: "rows" });
    /** @type {{ node: HTMLElement, heading: HTMLElement, grid: HTMLElement }[]} */
    this.sections = [];
    /** @type {Tile[]} */
    this.tiles = [];
    /** @type {Row[]} */
    this.rows = [];
    this.columns = 1;
    this.watch = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        const tile = this.tiles.find(({ node }) => node === entry.target);
        if (tile) tile.visible = entry.isIntersecting;
      }
      viewer.redraw();
    }, { rootMargin: "150px" });
  }

  /**
   * Keeps the nodes, so that an update swaps pictures in place and nothing flashes.
   *
   * @param {Row[]} rows
   * @param {string} bar
   */
  fill(rows, bar) {
    while (this.sections.length > rows.length) this.sections.pop()?.node.remove();
    const before = this.tiles;
    this.tiles = [];
    let number = 0;
    rows.forEach((row, index) => {
      const { heading, grid } = (this.sections[index] ??= this.addSection());
      heading.textContent = row.heading;
      while (grid.children.length > row.panels.length) grid.lastElementChild?.remove();
      row.panels.forEach((panel, place) => {
        const there = grid.children[place];
        const tile = (there && before.find(({ node }) => node === there)) ?? this.addTile(grid, panel);
        tile.fill(panel, (number += 1), bar);
        this.tiles.push(tile);
      });
    });
    for (const tile of before) if (!this.tiles.includes(tile)) this.watch.unobserve(tile.node);
    this.rows = rows;
  }

  addSection() {
    const [heading, grid] = [element("h3"), element("div", { class: "grid" })];
    return { node: this.node.appendChild(element("section", { class: "row" }, heading, grid)), heading, grid };
  }

  /**
   * @param {HTMLElement} grid
   * @param {Panel} panel
   */
  addTile(grid, panel) {
    const tile = new Tile(this.viewer, panel);
    grid.append(tile.node);
    this.watch.observe(tile.node);
    return tile;
  }

  /** As large as the width allows, with two rows in the window; a whole multiple of the pictures' size
   * where that fits twice. */
  resize() {
    const width = this.node.clientWidth;
    const picture = this.tiles[0]?.surface.picture;
    if (!width || !picture) return;
    const columns = clamp(Math.floor((width + GAP) / (150 + GAP)), 1, Math.min(COLUMNS, this.widest()));
    const ratio = picture.height / picture.width;
    const rows = Math.min(2, this.rows.length);
    const words = Number.parseFloat(getComputedStyle(this.node).getPropertyValue("--words")) || WORDS;
    const room = Math.max(150, (this.viewer.room - BAR - rows * words) / rows / ratio);
    let side = Math.floor(Math.min((width - GAP * (columns - 1)) / columns, room));
    if (side >= 2 * picture.width && !this.viewer.staged) side -= side % picture.width;
    this.node.style.setProperty("--side", `${side}px`);
    this.node.style.setProperty("--columns", String(columns));
    this.columns = columns;
    for (const { surface } of this.tiles) surface.resize(side, Math.round(side * ratio));
  }

  widest() {
    return Math.max(...this.rows.map((row) => row.panels.length));
  }

  /** What is outside the window is drawn when it comes near. */
  draw() {
    for (const tile of this.tiles) if (tile.visible) tile.surface.draw();
  }

  /** @param {{ a: string, b: string }} view */
  mark({ a, b }) {
    for (const { panel, button, badge, surface } of this.tiles) {
      const role = panel.key === b ? "B" : panel.key === a ? "A" : "";
      badge.textContent = role;
      badge.className = `badge ${role.toLowerCase()}`;
      button.setAttribute("aria-pressed", String(panel.key === b));
      button.tabIndex = panel.key === b ? 0 : -1;
      surface.overview = panel.key === b;
    }
  }

  /** @param {string} key */
  tile(key) {
    return known(this.tiles.find(({ panel }) => panel.key === key));
  }

  /** @param {string} key */
  focus(key) {
    this.tile(key).button.focus();
  }

  /**
   * The key of the panel beside the given one.
   *
   * @param {string} key
   * @param {number} right -1, 0 or 1, as `down`
   * @param {number} down
   */
  beside(key, right, down) {
    const lines = this.rows.flatMap(({ panels }) =>
      Array.from({ length: Math.ceil(panels.length / this.columns) }, (_, line) =>
        panels.slice(line * this.columns, (line + 1) * this.columns)));
    const flat = lines.flat();
    const at = flat.findIndex((panel) => panel.key === key);
    if (right) return flat[(at + right + flat.length) % flat.length].key;
    const line = lines.findIndex((panels) => panels.some((panel) => panel.key === key));
    const next = lines[clamp(line + down, 0, lines.length - 1)];
    return next[Math.min(lines[line].findIndex((panel) => panel.key === key), next.length - 1)].key;
  }
}
