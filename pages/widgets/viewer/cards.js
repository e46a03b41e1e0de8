// The estimators beside the stage: picture, PSNR, what is lost, and a curve over the strengths.

import { element, known, letter } from "./dom.js";
import { paintThumb } from "./paint.js";

/**
 * @import { CardData, ExhibitData } from "./payload.js"
 * @import { Picture } from "./picture.js"
 * @import { Viewer } from "./viewer.js"
 */

const SIDE = 112; // CSS pixels of a thumbnail
const [WIDE, HIGH] = [120, 60];
const SVG = "http://www.w3.org/2000/svg";

/** @param {string} figure "16.86 dB · SSIM …" */
export const decibels = (figure) => Number.parseFloat(figure);

class Card {
  /**
   * @param {Viewer} viewer
   * @param {CardData} data
   */
  constructor(viewer, data) {
    this.viewer = viewer;
    this.data = data;
    /** @type {Picture | undefined} */
    this.shown = undefined;
    this.canvas = element("canvas");
    this.tag = element("span", { class: "tag" });
    this.title = element("span", { class: "card-title" });
    this.text = element("span", { class: "card-text" });
    this.number = element("span", { class: "number" });
    this.lost = element("span", { class: "lost" });
    this.chip = element("span", { class: "below" });
    this.curve = document.createElementNS(SVG, "svg");
    this.curve.setAttribute("class", "curve");
    this.curve.setAttribute("viewBox", `0 0 ${WIDE} ${HIGH}`);
    this.curve.setAttribute("aria-hidden", "true");
    this.pick = element("button", {
      type: "button", class: "pick", title: "Click: right side of the comparison. Shift-click: left side",
      onclick: (event) => viewer.pick(this.data.key, event.shiftKey ? "a" : "b"),
    });
    this.act = element("button", {
      type: "button", class: "act", onclick: () => viewer.ask({ [this.data.action[0]]: 0 }),
    });
    const body = element("span", { class: "body" }, this.title, this.text, this.number,
      element("span", { class: "notes" }, this.lost, this.chip));
    this.node = element("div", { class: "card" },
      this.pick, element("span", { class: "shot" }, this.canvas, this.tag), body,
      element("span", { class: "end" }, this.curve, this.act));
  }

  /** @param {CardData} data */
  fill(data) {
    this.data = data;
    this.title.textContent = data.title;
    this.text.textContent = data.text;
    this.act.textContent = data.action[1];
    this.act.hidden = !data.action[0];
  }

  /**
   * @param {number} floor PSNR of the last card, as it is shown now
   * @param {boolean} last
   */
  show(floor, last) {
    const { viewer, data: { key, title, clean } } = this;
    const shown = viewer.frame(viewer.panel(key));
    const value = decibels(shown.inside || shown.figure);
    const below = !last && value < floor;
    const floorWords = known(viewer.data?.exhibit).floor;
    this.number.replaceChildren(value.toFixed(1), element("small", {}, " dB"));
    this.node.dataset.tone = last ? "" : below ? "loss" : "held";
    const lost = clean - value;
    this.lost.textContent = shown.inside ? "inside the region" : lost >= 0.05 ? `▾ ${lost.toFixed(1)} to clean` : "as clean";
    this.chip.textContent = below ? floorWords : "";
    const side = viewer.view.a === key ? "A" : viewer.view.b === key ? "B" : "";
    this.tag.replaceChildren(...(side ? [letter(side)] : []));
    this.node.dataset.side = side.toLowerCase();
    this.pick.setAttribute("aria-pressed", String(side === "B"));
    this.pick.setAttribute("aria-label", `${title}, ${value.toFixed(1)} dB${below ? `, ${floorWords}` : ""}`);
    const picture = viewer.picture(key);
    if (this.shown !== picture) paintThumb(this.canvas, picture, SIDE);
    this.shown = picture;
  }
}

export class Cards {
  /** @param {Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    /** @type {Card[]} */
    this.cards = [];
    this.said = element("p", { class: "said" });
    this.node = element("div", { class: "cards", role: "group", "aria-label": "Estimators: click one to compare it" });
  }

  /** @param {ExhibitData | null} exhibit */
  fill(exhibit) {
    const wanted = exhibit?.cards ?? [];
    this.said.textContent = exhibit?.said ?? "";
    while (this.cards.length > wanted.length) this.cards.pop()?.node.remove();
    wanted.forEach((data, index) => {
      const card = (this.cards[index] ??= this.add(data));
      card.fill(data);
    });
    if (exhibit) this.drawCurves(exhibit);
  }

  /** @param {CardData} data */
  add(data) {
    const card = new Card(this.viewer, data);
    this.node.append(card.node);
    return card;
  }

  /** What the cards show now: at this step of a film, or at this strength. */
  show() {
    const last = this.cards[this.cards.length - 1];
    if (!last) return;
    const { viewer } = this;
    const shown = viewer.frame(viewer.panel(last.data.key));
    const floor = decibels(shown.inside || shown.figure);
    for (const card of this.cards) card.show(floor, card === last);
    this.moveDots();
  }

  /** All curves share their scales. @param {ExhibitData} exhibit */
  drawCurves({ cards, strengths }) {
    const values = cards.flatMap(({ curve }) => curve);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const first = strengths[0] ?? 0;
    const room = Math.max(1, (strengths[strengths.length - 1] ?? 1) - first);
    /** @type {(place: number) => number} */
    this.across = (place) => 5 + ((WIDE - 10) * (place - first)) / room;
    /** @type {(value: number) => number} */
    this.up = (value) => 5 + ((HIGH - 10) * (most - value)) / Math.max(0.1, most - least);
    /** @type {(curve: number[]) => string} */
    const points = (curve) =>
      curve.map((value, index) => `${known(this.across)(strengths[index])},${known(this.up)(value)}`).join(" ");
    const floor = points(cards[cards.length - 1]?.curve ?? []);
    for (const { curve, data } of this.cards) {
      curve.innerHTML = data.curve.length < 2 ? "" : `<polyline class="floor" points="${floor}"/>`
        + `<polyline points="${points(data.curve)}"/><circle r="4.5"/>`;
    }
  }

  moveDots() {
    const exhibit = known(this.viewer.data?.exhibit);
    const at = exhibit.strengths.indexOf(this.viewer.strengthShown);
    for (const { curve, data } of this.cards) {
      const dot = curve.querySelector("circle");
      if (!dot || !this.across || !this.up || at < 0) continue;
      dot.setAttribute("cx", String(this.across(exhibit.strengths[at])));
      dot.setAttribute("cy", String(this.up(data.curve[at])));
    }
  }
}
