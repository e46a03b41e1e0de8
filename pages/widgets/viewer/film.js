// The strip under the stage: steps of an attack, samples of an average, or strengths of the attack.

import { clamp, element, icon, toolButton } from "./dom.js";

/**
 * @import { FilmData, Payload } from "./payload.js"
 * @import { Viewer } from "./viewer.js"
 */

const WAIT = 170; // milliseconds a step
const STRENGTH = "strength";

export class Film {
  /** @param {Viewer} viewer */
  constructor(viewer) {
    /**
     * What plays now.
     *
     * @type {FilmData | null}
     */
    this.film = null;
    this.strength = false;
    this.waiting = "";
    /** @type {number | undefined} */
    this.timer = undefined;
    this.viewer = viewer;
    this.button = toolButton("play", "Play or pause", "Space", () => this.toggle());
    this.range = element("input", {
      type: "range", min: 0, step: 1,
      oninput: () => this.goTo(Number(this.range.value)),
      onchange: () => this.release(),
    });
    this.curve = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    this.curve.setAttribute("preserveAspectRatio", "none");
    this.curve.setAttribute("aria-hidden", "true");
    this.label = element("output", { class: "step" });
    const track = element("div", { class: "track" }, this.curve, this.range);
    this.tabs = element("div", { class: "group tabs", role: "group", "aria-label": "What the strip goes through" });
    this.switch = element("div", { class: "group switch", role: "group" });
    this.node = element("div", { class: "film", role: "group", "aria-label": "Film" },
      this.button, element("div", { class: "course" }, this.label, track), this.tabs, this.switch);
  }

  /** @param {Payload} data */
  fill({ exhibit, film, tab, tabs }) {
    this.node.hidden = !exhibit;
    if (!exhibit) return;
    const { strength } = exhibit;
    /** @type {(label: string, pressed: boolean, onclick: () => void) => HTMLElement} */
    const choice = (label, pressed, onclick) => element("button",
      { type: "button", class: "tool worded", "aria-pressed": String(pressed), onclick }, label);
    this.tabs.replaceChildren(
      ...tabs.map(([key, label]) => choice(label, !this.strength && key === tab, () => this.open(key))),
      choice(strength.labels[strength.at].split(" ≈ ")[0], this.strength, () => this.open(STRENGTH)),
    );
    this.switch.setAttribute("aria-label", exhibit.switch.label);
    this.switch.replaceChildren(...exhibit.switch.labels.map((label, index) =>
      choice(label, index === exhibit.switch.at, () => this.viewer.ask({ [exhibit.switch.field]: index }))));
    if (this.strength) {
      const card = exhibit.cards.find(({ key }) => key === this.viewer.view.b) ?? exhibit.cards[0];
      this.film = { name: strength.label, labels: strength.labels, values: card.curve };
    } else this.film = film;
    const last = this.film ? this.film.labels.length - 1 : 0;
    if (!this.film) this.stop();
    this.range.max = String(last);
    this.range.disabled = this.button.disabled = last === 0;
    this.range.setAttribute("aria-label", this.film?.name ?? "Film");
    const at = this.strength ? exhibit.strengths : this.film?.values.map((_, index) => index) ?? [];
    this.drawCurve(at, this.film?.values ?? [], last);
    this.waiting = exhibit.more ? "The steps are being computed …" : exhibit.still;
  }

  /** @param {string} key of a tab, or the strengths */
  open(key) {
    const { data } = this.viewer;
    this.stop();
    this.strength = key === STRENGTH;
    this.viewer.place = null;
    if (data && !this.strength && key !== data.tab) this.viewer.openTab(key);
    if (data) this.fill(data);
    this.viewer.show();
  }

  /**
   * Through the thumb's places: its centre runs from half a thumb to the width less half a thumb.
   *
   * @param {number[]} places
   * @param {number[]} values one a place
   * @param {number} last
   */
  drawCurve(places, values, last) {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    /** @type {(value: number) => number} */
    const up = (value) => (most > least ? 28 - (24 * (value - least)) / (most - least) : 16);
    const points = values.map((value, index) => `${(100 * places[index]) / Math.max(1, last)},${up(value)}`);
    this.curve.setAttribute("viewBox", "0 0 100 32");
    this.curve.innerHTML = points.length > 1 ? `<polyline points="${points.join(" ")}"/>` : "";
  }

  /** What the viewer shows now. */
  show() {
    const { viewer, film } = this;
    const exhibit = viewer.data?.exhibit;
    if (!exhibit) return;
    const at = this.strength ? viewer.place ?? exhibit.strength.at : viewer.step ?? this.last;
    this.range.value = String(at);
    let said = film?.labels[at] ?? this.waiting;
    if (this.strength && viewer.strengthShown !== at) {
      said += ` · shown: ${exhibit.strength.labels[viewer.strengthShown]}`;
    }
    this.label.textContent = said;
    this.range.setAttribute("aria-valuetext", said);
  }

  get last() {
    return this.film ? this.film.labels.length - 1 : 0;
  }

  /** @param {number} at */
  goTo(at) {
    const to = clamp(at, 0, this.last);
    if (this.strength) this.viewer.scrub(to);
    else this.viewer.goTo(to === this.last ? null : to);
  }

  /** @param {number} steps */
  by(steps) {
    this.goTo(Number(this.range.value) + steps);
  }

  /** The whole page follows the strength that was let go at. */
  release() {
    const { place, data } = this.viewer;
    if (this.strength && place !== null && data?.exhibit) this.viewer.ask({ [data.exhibit.strength.field]: place });
  }

  get playing() {
    return Boolean(this.timer);
  }

  toggle() {
    if (this.playing) this.stop();
    else this.play();
  }

  /** From the first step to the last. */
  play() {
    if (!this.film || !this.last) return;
    let at = this.strength ? 0 : this.viewer.step ?? 0;
    this.goTo(at);
    this.timer = setInterval(() => {
      at += 1;
      this.goTo(at);
      if (at >= this.last) this.stop();
    }, this.last > 20 ? WAIT / 2 : WAIT);
    this.button.replaceChildren(icon("pause"));
  }

  stop() {
    clearInterval(this.timer);
    this.timer = undefined;
    this.button.replaceChildren(icon("play"));
  }
}
