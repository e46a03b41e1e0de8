// One large picture: alone, with a divider between two, two in turn, or their difference.

import { element, icon, letter, toolButton } from "./dom.js";
import { attachGestures } from "./gestures.js";
import { BAR, caption } from "./grid.js";
import { differencePicture, readsTrue } from "./picture.js";
import { Surface } from "./surface.js";

const RATES = [1, 2, 4];
const STRIP = 46;

export class Stage {
  constructor(viewer) {
    this.viewer = viewer;
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
      "div", { class: "view", tabindex: 0, role: "group", "aria-label": "Picture: + and − zoom, Shift and arrows move it" },
      this.surface.pixels, this.surface.marks, this.nameA, this.nameB, this.divider,
    );
    this.surface.pixels.setAttribute("role", "img");
    attachGestures(this.surface, this.view, viewer);
    this.sides = { a: this.buildSide("A"), b: this.buildSide("B") };
    this.exchange = toolButton("exchange", "Exchange A and B", "x", () => viewer.exchange());
    this.options = element("div", { class: "options" });
    this.strip = element("div", { class: "strip", role: "group", "aria-label": "All pictures: choose B" });
    this.aside = element("div", { class: "aside" },
      this.sides.a.node, this.exchange, this.sides.b.node, this.options, this.strip);
    this.node = element("div", { class: "stage" }, this.view, this.aside);
    this.thumbs = [];
    this.differences = new Map();
  }

  buildSide(name) {
    const select = element("select", {
      "aria-label": `Picture ${name}`,
      onchange: () => this.viewer.pick(select.value, name.toLowerCase()),
    });
    const words = element("div", { class: "words" });
    return { select, words, node: element("div", { class: "side" }, element("div", { class: "chooser" }, letter(name), select), words) };
  }

  fill(rows, bar) {
    this.bar = bar;
    this.differences.clear();
    for (const { select } of Object.values(this.sides)) {
      select.replaceChildren(...rows.map((row) => {
        const options = row.panels.map((panel) => element("option", { value: panel.key }, panel.title));
        return element("optgroup", { label: row.heading }, ...options);
      }));
    }
    const panels = rows.flatMap((row) => row.panels);
    while (this.thumbs.length > panels.length) this.thumbs.pop().button.remove();
    panels.forEach((panel, index) => {
      if (!this.thumbs[index]) {
        const canvas = element("canvas");
        const digit = element("span", { class: "digit", "aria-hidden": "true" }, index < 9 ? `${index + 1}` : "");
        const button = element("button", { type: "button", class: "thumb" }, canvas, digit);
        const thumb = { canvas, button };
        button.addEventListener("click", () => this.viewer.pick(thumb.key));
        this.thumbs.push(thumb);
        this.strip.append(button);
      }
      const thumb = this.thumbs[index];
      thumb.key = panel.key;
      thumb.button.title = panel.title;
      thumb.button.setAttribute("aria-label", panel.alt);
    });
  }

  resize() {
    const width = this.view.clientWidth;
    const height = Math.floor(Math.max(240, this.viewer.room - BAR));
    if (!width) return;
    this.view.style.height = `${height}px`;
    this.surface.resize(width, height);
  }

  // Everything that depends on mode and pictures but not on the camera.
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
    for (const [name, panel] of [["a", first], ["b", second]]) {
      this.sides[name].select.value = panel.key;
      this.sides[name].words.replaceChildren(...caption(viewer.frame(panel), this.bar).slice(1));
    }
    this.surface.compared = paired ? [{ picture: one, name: "A" }, { picture: two, name: "B" }] : undefined;
    const layers = {
      large: () => [{ picture: two, from: 0, to: 1 }],
      swipe: () => [{ picture: one, from: 0, to: viewer.divider }, { picture: two, from: viewer.divider, to: 1 }],
      flicker: () => [{ picture: viewer.flipped ? two : one, from: 0, to: 1 }],
      difference: () => [{ picture: this.difference(a, b, one, two), from: 0, to: 1 }],
    };
    this.surface.layers = layers[mode]();
    this.surface.pixels.setAttribute("aria-label", this.alt(mode, first, second));
    this.label(mode, first, second);
    this.arrangeOptions(mode);
    for (const { button, key } of this.thumbs) {
      button.setAttribute("aria-pressed", String(key === b));
      button.classList.toggle("a", paired && key === a);
    }
    this.moveDivider();
  }

  alt(mode, first, second) {
    return {
      large: second.alt,
      swipe: `Left of the divider: ${first.alt}. Right of it: ${second.alt}`,
      flicker: `In turn: ${first.alt}; ${second.alt}`,
      difference: `Difference: ${second.alt}, less: ${first.alt}`,
    }[mode];
  }

  label(mode, first, second) {
    const name = (sign, panel) => [letter(sign), ` ${panel.title} `, element("b", {}, this.viewer.headline(panel))];
    const shown = { large: [second, null], swipe: [first, second],
      flicker: this.viewer.flipped ? [null, second] : [first, null], difference: [null, null] }[mode];
    this.nameA.replaceChildren(...(shown[0] ? name("A", shown[0]) : mode === "difference" ? ["B − A"] : []));
    this.nameB.replaceChildren(...(shown[1] ? name("B", shown[1]) : []));
    if (mode === "large") this.nameA.firstChild.remove(); // one picture needs no letter
    this.nameA.hidden = !this.nameA.hasChildNodes();
    this.nameB.hidden = !this.nameB.hasChildNodes();
  }

  difference(a, b, one, two) {
    if (!one || !two || one.width !== two.width || one.height !== two.height || !readsTrue()) return null;
    const key = [a, b, this.viewer.step, this.viewer.limit].join(" ");
    if (!this.differences.has(key)) {
      if (this.differences.size > 16) this.differences.clear();
      this.differences.set(key, differencePicture(one, two, this.viewer.limit));
    }
    return this.differences.get(key);
  }

  arrangeOptions(mode) {
    const built = { flicker: () => this.flickerOptions(), difference: () => this.differenceOptions() }[mode];
    if (this.options.dataset.mode !== mode) {
      this.options.dataset.mode = mode;
      this.options.replaceChildren(...(built ? built() : []));
    }
    if (mode === "flicker") {
      const { flicking } = this.viewer;
      this.play.replaceChildren(icon(flicking ? "pause" : "play"), element("span", {}, flicking ? "Pause" : "Play"));
    }
    if (mode === "difference") this.describeDifference();
  }

  flickerOptions() {
    this.play = toolButton("play", "Play or pause", "Space", () => this.viewer.playFlicker(), "Play");
    const rate = element("select", { "aria-label": "Changes per second", onchange: () => this.viewer.flickerAt(Number(rate.value)) },
      ...RATES.map((each) => element("option", { value: each, selected: each === this.viewer.rate }, `${each} per second`)));
    return [this.play, rate, element("span", { class: "hint" }, element("kbd", {}, "t"), " changes by hand")];
  }

  differenceOptions() {
    this.limits = element("select", { "aria-label": "Where the colours end", onchange: () => this.viewer.limitTo(Number(this.limits.value)) },
      ...this.viewer.data.limits.map((each) => element("option", { value: each }, `±${each} grey levels`)));
    this.words = element("div", { class: "hint" });
    const gradient = element("div", { class: "diverging", role: "img", "aria-label": "Colours from blue, B darker, over white, equal, to red, B brighter" });
    return [element("label", {}, "Colours end at ", this.limits), gradient, this.words];
  }

  describeDifference() {
    const { limit } = this.viewer;
    this.limits.value = limit;
    const factor = Number((127.5 / limit).toPrecision(2));
    this.words.textContent = this.surface.picture
      ? `Blue: B is darker. Red: B is brighter. Mean of the three colours, amplified ×${factor}.`
      : readsTrue() ? "A and B differ in size: there is no difference to show."
        : "This browser hides pixel values from pages, so no difference can be shown.";
  }

  moveDivider() {
    const percent = Math.round(100 * this.viewer.divider);
    this.divider.style.left = `${100 * this.viewer.divider}%`;
    this.divider.setAttribute("aria-valuenow", percent);
    this.divider.setAttribute("aria-valuetext", `${percent} % from the left`);
  }

  keyOnDivider(event) {
    const step = { ArrowLeft: -0.01, ArrowRight: 0.01, PageDown: -0.1, PageUp: 0.1, Home: -1, End: 1 }[event.key];
    if (!step || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.viewer.divide(this.viewer.divider + (event.shiftKey ? 10 * step : step));
  }

  draw() {
    this.surface.draw();
  }

  drawThumbs() {
    for (const { canvas, key } of this.thumbs) {
      const picture = this.viewer.picture(key);
      if (!picture || (canvas.shown === picture && canvas.ratio === window.devicePixelRatio)) continue;
      Object.assign(canvas, { shown: picture, ratio: window.devicePixelRatio });
      canvas.width = canvas.height = Math.round(STRIP * window.devicePixelRatio);
      const context = canvas.getContext("2d");
      context.imageSmoothingQuality = "high";
      const scale = canvas.width / Math.max(picture.width, picture.height);
      const [w, h] = [picture.width * scale, picture.height * scale];
      context.drawImage(picture.bitmap, (canvas.width - w) / 2, (canvas.height - h) / 2, w, h);
    }
  }
}
