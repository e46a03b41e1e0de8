// The bar above the pictures.

import { element, icon, toolButton } from "./dom.js";

/**
 * @import { Point } from "./camera.js"
 * @import { Mode, View } from "./link.js"
 * @import { Viewer } from "./viewer.js"
 */

/** @type {[Mode, string, string][]} */
const MODES = [
  ["grid", "Side by side", "g"], ["large", "Large", "Enter"], ["swipe", "Swipe", "s"],
  ["side", "Side", "g"], ["flicker", "Flicker", "k"], ["difference", "Difference", "d"],
];
/** In the exhibit all pictures stand below; elsewhere A and B stand side by side among all others. */
const ONLY = { grid: false, side: true };

export class Toolbar {
  /** @param {Viewer} viewer */
  constructor(viewer) {
    this.modes = MODES.map(([mode, label, key]) => {
      const button = toolButton(mode, label, key, () => viewer.set({ mode }), label);
      button.dataset.mode = mode;
      return button;
    });
    this.out = toolButton("minus", "Zoom out", "-", () => viewer.zoomBy(1 / 1.5));
    this.whole = element("button", { type: "button", class: "tool zoom", title: "Whole picture (0)",
      "aria-keyshortcuts": "0", onclick: () => viewer.reset() });
    this.in = toolButton("plus", "Zoom in", "+", () => viewer.zoomBy(1.5));
    this.loupe = toolButton("loupe", "Loupe with pixel values", "l", () => viewer.toggleLoupe());
    this.region = toolButton("region", "Region: drag a rectangle", "r", () => viewer.toggleOutlining());
    this.clear = element("button", { type: "button", class: "tool worded chip",
      title: "Remove the region (Delete)", onclick: () => viewer.clearRegion() });
    this.attack = element("button", { type: "button", class: "tool worded chip",
      onclick: () => viewer.ask({ attack_region: this.wanted ?? [] }) });
    this.screen = toolButton("whole", "Full screen", "f", () => viewer.toggleScreen());
    this.help = toolButton("help", "Keys", "?", () => viewer.help.showModal());
    this.place = element("span", { class: "place" });
    this.node = element("div", { class: "bar", role: "toolbar", "aria-label": "Picture viewer" },
      element("div", { class: "group modes", role: "group", "aria-label": "How to compare" }, ...this.modes),
      element("div", { class: "gap" }), this.place, this.clear, this.attack,
      element("div", { class: "group", role: "group", "aria-label": "Zoom" }, this.out, this.whole, this.in),
      element("div", { class: "group", role: "group", "aria-label": "Tools" }, this.loupe, this.region, this.screen, this.help));
  }

  /**
   * @param {View} view
   * @param {number} scale
   * @param {{ loupe: Point | null, outlining: boolean, exhibit: boolean, attacked: string }} tools
   */
  show(view, scale, { loupe, outlining, exhibit, attacked }) {
    for (const button of this.modes) {
      const only = /** @type {Record<string, boolean | undefined>} */ (ONLY)[button.dataset.mode ?? ""];
      button.hidden = only !== undefined && only !== exhibit;
      button.setAttribute("aria-pressed", String(button.dataset.mode === view.mode));
    }
    const times = Math.round(scale * 100) / 100;
    this.whole.textContent = `×${times}`;
    this.whole.setAttribute("aria-label", `Whole picture; now ${times} screen pixels per picture pixel`);
    this.out.disabled = view.camera.zoom <= 1;
    this.loupe.setAttribute("aria-pressed", String(Boolean(loupe)));
    this.region.setAttribute("aria-pressed", String(outlining));
    this.clear.hidden = !view.region;
    if (view.region) {
      const [x0, y0, x1, y1] = view.region;
      this.clear.replaceChildren(element("span", {}, `Region ${x1 - x0}×${y1 - y0}`), icon("close"));
      this.clear.setAttribute("aria-label", `Remove the region of ${x1 - x0} by ${y1 - y0} pixels at ${x0}, ${y0}`);
    }
    this.wanted = view.region?.join(",") === attacked ? null : view.region;
    this.attack.hidden = !exhibit || !(this.wanted || attacked);
    this.attack.textContent = this.wanted ? "Attack only here" : "Attack everywhere";
    this.place.textContent = loupe ? `x ${loupe.x}, y ${loupe.y}` : "";
  }
}
