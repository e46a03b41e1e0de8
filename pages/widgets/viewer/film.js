// The slider under the panels: steps of an attack, samples of an average.

import { element, icon, toolButton } from "./dom.js";

/**
 * @import { FilmData } from "./payload.js"
 * @import { Viewer } from "./viewer.js"
 */

const WAIT = 350; // milliseconds a step

export class Film {
  /** @param {Viewer} viewer */
  constructor(viewer) {
    /** @type {FilmData | null} */
    this.film = null;
    /** @type {number | undefined} */
    this.timer = undefined;
    this.viewer = viewer;
    this.button = toolButton("play", "Play or pause", "Space", () => this.toggle());
    const goTo = () => viewer.goTo(Number(this.range.value));
    this.range = element("input", { type: "range", min: 0, step: 1, oninput: goTo });
    this.curve = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    this.curve.setAttribute("preserveAspectRatio", "none");
    this.curve.setAttribute("aria-hidden", "true");
    this.label = element("output", { class: "step" });
    this.low = element("span", { class: "end" });
    this.high = element("span", { class: "end right" });
    const track = element("div", { class: "track" }, this.curve, this.range);
    const ends = element("div", { class: "ends" }, this.low, this.high);
    this.node = element("div", { class: "film", role: "group", "aria-label": "Film" },
      this.button, element("div", { class: "course" }, track, ends), this.label);
  }

  /** @param {FilmData | null} film */
  fill(film) {
    this.film = film;
    this.node.hidden = !film;
    if (!film) {
      this.stop();
      return;
    }
    const last = film.labels.length - 1;
    this.range.max = String(last);
    this.range.disabled = this.button.disabled = last === 0;
    this.range.setAttribute("aria-label", film.name);
    this.low.textContent = film.ends[0];
    this.high.textContent = film.ends[1];
    this.drawCurve(film.values);
  }

  /**
   * Through the thumb's places: its centre runs from half a thumb to the width less half a thumb.
   *
   * @param {number[]} values
   */
  drawCurve(values) {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    /** @type {(index: number) => number} */
    const across = (index) => (values.length > 1 ? (100 * index) / (values.length - 1) : 50);
    /** @type {(value: number) => number} */
    const up = (value) => (most > least ? 28 - (24 * (value - least)) / (most - least) : 16);
    const points = values.map((value, index) => `${across(index)},${up(value)}`).join(" ");
    this.curve.setAttribute("viewBox", "0 0 100 32");
    this.curve.innerHTML = `<polygon points="0,32 ${points} 100,32"/><polyline points="${points}"/>`;
  }

  /** @param {number} step */
  show(step) {
    if (!this.film) return;
    this.range.value = String(step);
    this.label.textContent = this.film.labels[step] ?? "";
    this.range.setAttribute("aria-valuetext", this.film.labels[step] ?? "");
  }

  get playing() {
    return Boolean(this.timer);
  }

  toggle() {
    if (this.playing) {
      this.stop();
      return;
    }
    if (!this.film || this.range.disabled) return;
    const last = this.film.labels.length - 1;
    if (this.viewer.step >= last) this.viewer.goTo(0);
    this.timer = setInterval(() => {
      this.viewer.goTo(Math.min(this.viewer.step + 1, last));
      if (this.viewer.step >= last) this.stop();
    }, WAIT);
    this.button.replaceChildren(icon("pause"));
  }

  stop() {
    clearInterval(this.timer);
    this.timer = undefined;
    this.button.replaceChildren(icon("play"));
  }
}
