// One large picture: alone, with a divider between two, two in turn, or their difference.

import { element, icon, letter, toolButton } from "./dom.js";
import { attachGestures } from "./gestures.js";
import { BAR, caption } from "./grid.js";
import { paintThumb } from "./paint.js";
import { differencePicture, readsTrue } from "./picture.js";
import { Surface } from "./surface.js";

/**
 * @import { Mode } from "./link.js"
 * @import { Panel, Row } from "./payload.js"
 * @import { Picture } from "./picture.js"
 * @import { Layer } from "./surface.js"
 * @import { Viewer } from "./viewer.js"
 */

/**
 * @typedef {{ canvas: HTMLCanvasElement, button: HTMLButtonElement, key: string, shown?: Picture, ratio?: number }}
 *   Thumb `shown` is drawn on it, for a screen of `ratio` pixels per CSS pixel.
 * @typedef {"a" | "b"} Side
 */

const RATES = [1, 2, 4];
const STRIP = 46;

export class Stage {
  /** @param {Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.bar = "";
    this.surface = new Surface(viewer, { exact: true });
    this.surface.overview = true;
    this.divider = element(
      "div", { class: "divider", role: "slider", tabindex: 0, "aria-label": "Divider between A and B",
        "aria-valuemin": 0, "aria-valuemax": 100, onkeydown: (event) => this.keyOnDivider(event) },
      element("span", { class: "grip", "aria-hidden": "true" }, icon("exchange")),
    );
    this.nameA = element("span", { class: "name left" });
    this.nameB = element("span", { class: "name right" });
    this.view = element(
      "div",
      { class: "view", tabindex: 0, role: "group", "aria-label": "Picture: + and − zoom, Shift and arrows move it" },
      this.surface.pixels, this.surface.marks, this.nameA, this.nameB, this.divider,
    );
    this.surface.pixels.setAttribute("role", "img");
    attachGestures(this.surface, this.view, viewer);
    this.twin = new Surface(viewer, { exact: true });
    this.nameTwin = element("span", { class: "name left" });
    this.other = element("div", { class: "twin", hidden: true }, this.twin.pixels, this.twin.marks, this.nameTwin);
    this.twin.pixels.setAttribute("role", "img");
    attachGestures(this.twin, this.other, viewer);
    this.sides = { a: this.buildSide("a"), b: this.buildSide("b") };
    this.exchange = toolButton("exchange", "Exchange A and B", "x", () => viewer.exchange());
    this.play = toolButton("play", "Play or pause", "Space", () => viewer.playFlicker(), "Play");
    this.limits = element("select", {
      "aria-label": "Where the colours end", onchange: () => viewer.limitTo(Number(this.limits.value)),
    });
    this.words = element("div", { class: "hint" });
    this.options = element("div", { class: "options" });
    this.strip = element("div", { class: "strip", role: "group", "aria-label": "All pictures: choose B" });
    this.aside = element("div", { class: "aside" },
      this.sides.a.node, this.exchange, this.sides.b.node, this.options, this.strip);
    this.node = element("div", { class: "stage" }, element("div", { class: "views" }, this.other, this.view), this.aside);
    /** @type {Thumb[]} */
    this.thumbs = [];
    /** @type {Map<string, Picture>} */
    this.differences = new Map();
  }

  /** @param {Side} side */
  buildSide(side) {
    const name = side.toUpperCase();
    const select = element("select", {
      "aria-label": `Picture ${name}`,
      onchange: () => this.viewer.pick(select.value, side),
    });
    const words = element("div", { class: "words" });
    const chooser = element("div", { class: "chooser" }, letter(name), select);
    return { select, words, node: element("div", { class: "side" }, chooser, words) };
  }

  /**
   * @param {Row[]} rows
   * @param {string} bar
   * @param {number[]} limits
   */
  fill(rows, bar, limits) {
    this.bar = bar;
    this.differences.clear();
    for (const { select } of Object.values(this.sides)) {
      select.replaceChildren(...rows.map((row) => {
        const options = row.panels.map((panel) => element("option", { value: panel.key }, panel.title));
        return element("optgroup", { label: row.heading }, ...options);
      }));
    }
    this.limits.replaceChildren(
      ...limits.map((each) => element("option", { value: each }, `±${each} grey levels`)),
    );
    const panels = rows.flatMap((row) => row.panels);
    while (this.thumbs.length > panels.length) this.thumbs.pop()?.button.remove();
    panels.forEach((panel, index) => {
      const thumb = (this.thumbs[index] ??= this.addThumb(index));
      thumb.key = panel.key;
      thumb.button.title = panel.title;
      thumb.button.setAttribute("aria-label", panel.alt);
    });
  }

  /** @param {number} index */
  addThumb(index) {
    const canvas = element("canvas");
    const digit = element("span", { class: "digit", "aria-hidden": "true" }, index < 9 ? `${index + 1}` : "");
    const button = element("button", { type: "button", class: "thumb" }, canvas, digit);
    /** @type {Thumb} */
    const thumb = { canvas, button, key: "" };
    button.addEventListener("click", () => this.viewer.pick(thumb.key));
    this.strip.append(button);
    return thumb;
  }

  resize() {
    const { viewer } = this;
    const width = viewer.exhibit ? viewer.side : this.view.clientWidth;
    const height = viewer.exhibit ? viewer.side : Math.floor(Math.max(240, viewer.room - BAR));
    if (!width) return;
    for (const { view, surface } of [{ view: this.view, surface: this.surface }, { view: this.other, surface: this.twin }]) {
      surface.exact = !viewer.staged;
      view.style.height = `${height}px`;
      view.style.width = viewer.exhibit ? `${width}px` : "";
      surface.resize(width, height);
    }
  }

  /** Everything that depends on mode and pictures but not on the camera. */
  arrange() {
    const { viewer } = this;
    const { mode, a, b } = viewer.view;
    const [first, second] = [viewer.panel(a), viewer.panel(b)];
    const [one, two] = [viewer.picture(a), viewer.picture(b)];
    const paired = mode !== "large";
    this.node.dataset.mode = mode;
    this.divider.hidden = mode !== "swipe";
    this.sides.b.node.classList.toggle("alone", !paired);
    this.sides.a.node.hidden = this.exchange.hidden = !paired;
    for (const { side, panel } of [{ side: this.sides.a, panel: first }, { side: this.sides.b, panel: second }]) {
      side.select.value = panel.key;
      side.words.replaceChildren(...caption(viewer.frame(panel), this.bar).slice(1));
    }
    this.surface.compared = paired ? [{ picture: one, name: "A" }, { picture: two, name: "B" }] : undefined;
    this.surface.layers = this.layers(mode, one, two);
    this.other.hidden = mode !== "side";
    this.twin.layers = mode === "side" ? [{ picture: one, from: 0, to: 1 }] : [];
    this.twin.pixels.setAttribute("aria-label", first.alt);
    this.surface.pixels.setAttribute("aria-label", this.alt(mode, first, second));
    this.label(mode, first, second);
    this.arrangeOptions(mode);
    for (const { button, key } of this.thumbs) {
      button.setAttribute("aria-pressed", String(key === b));
      button.classList.toggle("a", paired && key === a);
    }
    this.moveDivider();
  }

  /**
   * @param {Mode} mode
   * @param {Picture} one
   * @param {Picture} two
   * @returns {Layer[]}
   */
  layers(mode, one, two) {
    const { divider, flipped } = this.viewer;
    if (mode === "swipe") return [{ picture: one, from: 0, to: divider }, { picture: two, from: divider, to: 1 }];
    if (mode === "flicker") return [{ picture: flipped ? two : one, from: 0, to: 1 }];
    return [{ picture: mode === "difference" ? this.difference(one, two) : two, from: 0, to: 1 }];
  }

  /**
   * @param {Mode} mode
   * @param {Panel} first
   * @param {Panel} second
   */
  alt(mode, first, second) {
    if (mode === "swipe") return `Left of the divider: ${first.alt}. Right of it: ${second.alt}`;
    if (mode === "flicker") return `In turn: ${first.alt}; ${second.alt}`;
    return mode === "difference" ? `Difference: ${second.alt}, less: ${first.alt}` : second.alt;
  }

  /**
   * @param {Mode} mode
   * @param {Panel} first
   * @param {Panel} second
   */
  label(mode, first, second) {
    const words = (/** @type {Panel} */ panel) => [` ${panel.title} `, element("b", {}, this.viewer.headline(panel))];
    const { flipped } = this.viewer;
    if (mode === "side") this.nameTwin.replaceChildren(letter("A"), ...words(first));
    const showsA = mode === "swipe" || (mode === "flicker" && !flipped);
    const showsB = mode === "swipe" || mode === "side" || (mode === "flicker" && flipped);
    if (mode === "large") this.nameA.replaceChildren(...words(second)); // one picture needs no letter
    else if (mode === "difference") this.nameA.replaceChildren("B − A");
    else this.nameA.replaceChildren(...(showsA ? [letter("A"), ...words(first)] : []));
    this.nameB.replaceChildren(...(showsB ? [letter("B"), ...words(second)] : []));
    this.nameA.hidden = !this.nameA.hasChildNodes();
    this.nameB.hidden = !this.nameB.hasChildNodes();
  }

  /**
   * Null where there is none to show.
   *
   * @param {Picture} one
   * @param {Picture} two
   */
  difference(one, two) {
    if (one.width !== two.width || one.height !== two.height || !readsTrue()) return null;
    const { view, step, place, limit } = this.viewer;
    const key = [view.a, view.b, step, place, limit].join(" ");
    let found = this.differences.get(key);
    if (!found) {
      if (this.differences.size > 16) this.differences.clear();
      found = differencePicture(one, two, limit);
      this.differences.set(key, found);
    }
    return found;
  }

  /** @param {Mode} mode */
  arrangeOptions(mode) {
    if (this.options.dataset.mode !== mode) {
      this.options.dataset.mode = mode;
      this.options.replaceChildren(...this.optionsOf(mode));
    }
    if (mode === "flicker") {
      const { flicking } = this.viewer;
      this.play.replaceChildren(icon(flicking ? "pause" : "play"), element("span", {}, flicking ? "Pause" : "Play"));
    }
    if (mode === "difference") this.describeDifference();
  }

  /** @param {Mode} mode */
  optionsOf(mode) {
    if (mode === "flicker") {
      const choices = RATES.map((each) =>
        element("option", { value: each, selected: each === this.viewer.rate }, `${each} per second`));
      const choose = () => this.viewer.flickerAt(Number(rate.value));
      const rate = element("select", { "aria-label": "Changes per second", onchange: choose }, ...choices);
      return [this.play, rate, element("span", { class: "hint" }, element("kbd", {}, "t"), " changes by hand")];
    }
    if (mode !== "difference") return [];
    const gradient = element("div", { class: "diverging", role: "img",
      "aria-label": "Colours from blue, B darker, over white, equal, to red, B brighter" });
    return [element("label", {}, "Colours end at ", this.limits), gradient, this.words];
  }

  describeDifference() {
    const { limit } = this.viewer;
    this.limits.value = String(limit);
    const factor = Number((127.5 / limit).toPrecision(2));
    this.words.textContent = this.surface.picture
      ? `Blue: B is darker. Red: B is brighter. Mean of the three colours, amplified ×${factor}.`
      : readsTrue() ? "A and B differ in size: there is no difference to show."
        : "This browser hides pixel values from pages, so no difference can be shown.";
  }

  moveDivider() {
    const percent = Math.round(100 * this.viewer.divider);
    this.divider.style.left = `${100 * this.viewer.divider}%`;
    this.divider.setAttribute("aria-valuenow", String(percent));
    this.divider.setAttribute("aria-valuetext", `${percent} % from the left`);
  }

  /** @param {KeyboardEvent} event */
  keyOnDivider(event) {
    /** @type {Record<string, number | undefined>} */
    const steps = { ArrowLeft: -0.01, ArrowRight: 0.01, PageDown: -0.1, PageUp: 0.1, Home: -1, End: 1 };
    const step = steps[event.key];
    if (!step || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.viewer.divide(this.viewer.divider + (event.shiftKey ? 10 * step : step));
  }

  draw() {
    this.surface.draw();
    if (!this.other.hidden) this.twin.draw();
  }

  drawThumbs() {
    for (const thumb of this.thumbs) {
      const [picture, ratio] = [this.viewer.picture(thumb.key), window.devicePixelRatio];
      if (thumb.shown === picture && thumb.ratio === ratio) continue;
      Object.assign(thumb, { shown: picture, ratio });
      paintThumb(thumb.canvas, picture, STRIP);
    }
  }
}
