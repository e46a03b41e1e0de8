// The viewer: one view (mode, A, B, camera, region, step) over rows of panels.
//
//   const viewer = new Viewer(root, {onView: (query) => …});
//   viewer.update(data);

import { WHOLE } from "./camera.js";
import { Cards, decibels } from "./cards.js";
import { clamp, element, focusBeside, known, origin, scroller } from "./dom.js";
import { Film } from "./film.js";
import { Grid, short } from "./grid.js";
import { buildHelp } from "./help.js";
import { onKey } from "./keys.js";
import { queryOf, seenIn } from "./link.js";
import { decodePicture } from "./picture.js";
import { central, cut, moved } from "./region.js";
import { Stage } from "./stage.js";
import { Toolbar } from "./toolbar.js";

/**
 * @import { Camera, Point } from "./camera.js"
 * @import { Seen, View } from "./link.js"
 * @import { Asked, Frame, Panel, Payload, ViewQuery } from "./payload.js"
 * @import { Picture } from "./picture.js"
 * @import { Region } from "./region.js"
 */

const BETWEEN = 8; // pictures side by side

export class Viewer {
  /**
   * @param {HTMLElement} root
   * @param {{ onView?: (query: ViewQuery) => void, onMore?: (version: string) => void, onAsk?: (asked: Asked) => void }} options
   *   `onView` is told the view when a gesture has ended; of the exhibit, `onMore` which version is shown
   *   that there is more of, and `onAsk` what it asks of the page.
   */
  constructor(root, { onView = () => {}, onMore = () => {}, onAsk = () => {} } = {}) {
    this.root = root;
    this.onView = onView;
    this.onMore = onMore;
    this.onAsk = onAsk;
    /**
     * The strength that is scrubbed to; null where it is the page's own.
     *
     * @type {number | null}
     */
    this.place = null;
    this.side = 0;
    /** Whether the next film plays when it comes: on arrival, and after something was asked of the page. */
    this.plays = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    const { view, step, divider, limit } = seenIn({});
    this.view = view;
    this.step = step;
    this.divider = divider;
    this.limit = limit;
    this.flipped = false;
    this.rate = 2;
    /** @type {Point | null} */
    this.loupe = null;
    this.outlining = false;
    this.moving = false;
    this.started = false;
    this.room = 0;
    /** @type {Payload | undefined} */
    this.latest = undefined;
    /** @type {Payload | undefined} */
    this.data = undefined;
    /** @type {Panel[]} */
    this.panels = [];
    /**
     * By their base64 PNG.
     *
     * @type {Map<string, Picture>}
     */
    this.pictures = new Map();
    /** @type {number | undefined} */
    this.flicker = undefined;
    /** @type {number | undefined} */
    this.frameWanted = undefined;
    /** @type {number | undefined} */
    this.settling = undefined;
    /** @type {number | undefined} */
    this.hinting = undefined;
    /** @type {number | undefined} */
    this.reporting = undefined;
    /** @type {ViewQuery} */
    this.untold = {};
    this.toolbar = new Toolbar(this);
    this.grid = new Grid(this);
    this.stage = new Stage(this);
    this.cards = new Cards(this);
    this.film = new Film(this);
    this.details = element("details", { class: "details", ontoggle: () => this.relayout() },
      element("summary", {}, "All pictures: inputs, errors, clean outputs, single draws and their spread"));
    this.help = buildHelp();
    this.live = element("div", { class: "unseen", "aria-live": "polite" });
    this.hint = element("div", { class: "wheel-hint", "aria-hidden": "true" },
      "Click a picture first, or hold Ctrl, to zoom with the wheel");
    root.replaceChildren(
      this.toolbar.node, this.grid.node, this.stage.node, this.cards.said, this.cards.node, this.film.node,
      this.details, this.help, this.live, this.hint,
    );
    root.addEventListener("keydown", (event) => onKey(this, event));
    this.sizes = new ResizeObserver(() => this.relayout());
    this.sizes.observe(root);
    this.onWindow = () => this.relayout();
    window.addEventListener("resize", this.onWindow);
    document.addEventListener("fullscreenchange", this.onWindow);
  }

  destroy() {
    this.sizes.disconnect();
    this.grid.watch.disconnect();
    window.removeEventListener("resize", this.onWindow);
    document.removeEventListener("fullscreenchange", this.onWindow);
    clearInterval(this.flicker);
    this.film.stop();
  }

  // -- data ---------------------------------------------------------------------------------

  /**
   * Shows new data once all its pictures are decoded; a newer update wins.
   *
   * @param {Payload} data
   */
  async update(data) {
    this.latest = data;
    const panels = data.rows.flatMap((row) => row.panels);
    const frames = [...panels.flatMap((panel) => panel.frames), ...Object.values(data.exhibit?.scrubbed ?? {}).flat()];
    const needed = new Set([...panels, ...frames].map(({ png }) => png));
    const decoded = new Map(await Promise.all(Array.from(needed, (png) => this.decoded(png))));
    if (this.latest !== data) return;
    const before = this.data;
    this.data = data;
    this.panels = panels;
    this.pictures = decoded;
    if (data.apply !== before?.apply) Object.assign(/** @type {Seen} */ (this), seenIn(data.view));
    if (before && before.tab !== data.tab) this.step = null;
    if (before?.version !== data.version) this.place = null;
    this.root.classList.toggle("exhibit", this.exhibit);
    this.details.hidden = !this.exhibit;
    if (this.exhibit) this.details.append(this.grid.node);
    else this.stage.node.before(this.grid.node);
    this.repair(data);
    this.cards.fill(data.exhibit);
    this.film.fill(data);
    this.grid.fill(data.rows, data.bar);
    this.stage.fill(data.rows, data.bar, data.limits);
    delete this.root.dataset.busy;
    this.show();
    this.root.dataset.drawn = data.version;
    if (data.film && this.plays && this.step === null && !this.film.strength) {
      this.plays = false;
      this.film.play();
    }
    if (data.exhibit?.more) setTimeout(() => this.latest === data && this.onMore(data.version), 50);
  }

  get exhibit() {
    return Boolean(this.data?.exhibit);
  }

  /** The region that the attack is kept in; empty: everywhere. */
  get attacked() {
    return this.data?.exhibit?.region ?? "";
  }

  /** Whether it is read from afar: figures are short then, and pictures as large as there is room. */
  get staged() {
    return this.exhibit || this.root.classList.contains("staged");
  }

  /**
   * Another value of one of the page's choices; what comes of it is played.
   *
   * @param {Asked} asked
   */
  ask(asked) {
    this.film.stop();
    this.root.dataset.busy = "yes";
    this.plays = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.onAsk(asked);
  }

  /** The computed strength nearest to the one that is wanted. */
  get strengthShown() {
    const { strength, strengths } = known(this.data?.exhibit);
    const wanted = this.place ?? strength.at;
    const apart = (/** @type {number} */ place) => Math.abs(place - wanted);
    return strengths.reduce((best, place) => (apart(place) < apart(best) ? place : best), strength.at);
  }

  /**
   * Shows the nearest of the strengths that are computed already.
   *
   * @param {number} place
   */
  scrub(place) {
    this.place = place;
    this.show();
  }

  /**
   * @param {string} png
   * @returns {Promise<[string, Picture]>}
   */
  async decoded(png) {
    return [png, this.pictures.get(png) ?? (await decodePicture(png))];
  }

  /**
   * What the data does not have falls back to what it suggests.
   *
   * @param {Payload} data
   */
  repair({ pair: [a, b], film, exhibit }) {
    const keys = this.panels.map(({ key }) => key);
    if (!keys.includes(this.view.a)) this.view.a = keys.includes(a) ? a : keys[0];
    if (!keys.includes(this.view.b)) this.view.b = keys.includes(b) ? b : keys[keys.length - 1];
    if (film && this.step !== null && this.step >= film.labels.length - 1) this.step = null;
    if (!exhibit) this.step = null;
    if (exhibit && this.view.mode === "grid") this.view.mode = "swipe";
    if (!exhibit && this.view.mode === "side") this.view.mode = "grid";
    this.view.region = this.view.region && cut(this.view.region, this.picture(this.view.b));
  }

  /**
   * Tells the outside, once a gesture has ended.
   *
   * @param {ViewQuery} extra
   * @param {number} wait
   */
  report(extra = {}, wait = 300) {
    clearTimeout(this.reporting);
    Object.assign(this.untold, extra);
    this.reporting = setTimeout(() => {
      const data = known(this.data);
      const told = { ...queryOf(this, data), ...this.untold };
      this.untold = {};
      if (told.tab === data.tabs[0]?.[0]) delete told.tab;
      this.onView(told);
    }, wait);
  }

  /** Keys of the panels that digits and arrows reach: the cards, or all. */
  get pickable() {
    return (this.data?.exhibit?.cards ?? this.panels).map(({ key }) => key);
  }

  /** @param {string} key */
  panel(key) {
    return known(this.panels.find((panel) => panel.key === key));
  }

  /**
   * A panel as it is at the film's present step, or at the strength that is scrubbed to.
   *
   * @param {Panel} panel
   * @returns {Panel & Frame}
   */
  frame(panel) {
    const { exhibit } = known(this.data);
    const at = this.place === null || !exhibit ? -1 : exhibit.strengths.indexOf(this.strengthShown);
    if (exhibit && at >= 0 && this.strengthShown !== exhibit.strength.at) {
      return { ...panel, ...exhibit.scrubbed[panel.key]?.[at] };
    }
    return this.step === null ? panel : { ...panel, ...panel.frames[Math.min(this.step, panel.frames.length - 1)] };
  }

  /** @param {string} key */
  picture(key) {
    return known(this.pictures.get(this.frame(this.panel(key)).png));
  }

  /** @param {Panel} panel */
  headline(panel) {
    const shown = this.frame(panel);
    const figure = shown.inside || shown.figure || "";
    return this.staged && figure.includes(" dB") ? `${decibels(figure).toFixed(1)} dB` : short(figure);
  }

  // -- drawing ------------------------------------------------------------------------------

  /** Height that the window has for the viewer when it is scrolled to the top, or to the viewer if
   * that stands further down. */
  measure() {
    let above = 16;
    if (!this.root.matches(":fullscreen")) {
      const top = this.root.getBoundingClientRect().top + scroller(this.root).scrollTop;
      if (top < window.innerHeight / 2) above += top;
    }
    this.room = window.innerHeight - above;
    if (this.exhibit) this.side = this.measureStage();
  }

  /** Side of the stage's square: what height and width leave beside the cards and above the strip. */
  measureStage() {
    const style = getComputedStyle(this.root);
    const { width } = this.root.getBoundingClientRect();
    const pair = this.view.mode === "side" ? 2 : 1;
    const beside = Number.parseFloat(style.getPropertyValue("--beside"));
    const below = Number.parseFloat(style.getPropertyValue("--below"));
    const across = (width - beside - BETWEEN * (pair - 1)) / pair;
    return Math.floor(Math.max(240, Math.min(across, beside ? this.room - below : across)));
  }

  get onStage() {
    return this.view.mode !== "grid" || this.exhibit;
  }

  /** After a change of data, mode or choice. */
  show() {
    if (!this.data) return;
    this.root.dataset.mode = this.view.mode;
    this.grid.node.hidden = this.onStage && !this.exhibit;
    this.stage.node.hidden = !this.onStage;
    for (const tile of this.grid.tiles) {
      tile.show(this.picture(tile.panel.key));
      if (this.exhibit) tile.write();
    }
    this.grid.mark(this.view);
    if (this.onStage) {
      this.stage.arrange();
      if (!this.exhibit) this.stage.drawThumbs();
    }
    this.cards.show();
    this.film.show();
    this.keepFlicker();
    this.relayout();
  }

  rearrange() {
    if (this.onStage) this.stage.arrange();
    this.redraw();
  }

  relayout() {
    if (!this.data) return;
    this.measure();
    if (this.onStage) this.stage.resize();
    if (!this.onStage || this.exhibit) this.grid.resize();
    this.draw();
  }

  redraw() {
    this.frameWanted ??= requestAnimationFrame(() => {
      this.frameWanted = undefined;
      this.draw();
    });
  }

  draw() {
    if (!this.data) return;
    if (this.onStage) this.stage.draw();
    if (!this.onStage || this.details.open) this.grid.draw();
    const { surface } = this;
    const scale = surface.picture && surface.pixels.width ? surface.placed.scale / surface.ratio : 1;
    this.toolbar.show(this.view, scale, this);
    this.root.classList.toggle("zoomed", this.view.camera.zoom > 1);
    this.root.classList.toggle("outlining", this.outlining);
    this.root.classList.toggle("louped", Boolean(this.loupe));
  }

  /** The surface that keys act on. */
  get surface() {
    return this.onStage ? this.stage.surface : this.grid.tile(this.view.b).surface;
  }

  // -- changes ------------------------------------------------------------------------------

  /** @param {Partial<View>} change */
  set(change) {
    Object.assign(this.view, change);
    if (change.mode === "grid" || change.mode === "large") this.outlining = false;
    this.show();
    this.report();
  }

  /**
   * @param {string | undefined} key
   * @param {"a" | "b"} side
   */
  pick(key, side = "b") {
    if (!key) return;
    const focused = focusBeside(this.root);
    const other = side === "a" ? "b" : "a";
    // Two different ones, always: picking the other one exchanges them.
    const exchanged = this.view[other] === key ? { [other]: this.view[side] } : {};
    this.set({ ...exchanged, [side]: key });
    if (!this.onStage && focused?.classList.contains("picture")) this.grid.focus(this.view.b);
    this.live.textContent = `${side.toUpperCase()}: ${this.panel(key).alt}`;
  }

  exchange() {
    this.set({ a: this.view.b, b: this.view.a });
  }

  /**
   * While moving, enlarged pictures may have unequal squares by one screen pixel; then they settle.
   *
   * @param {Camera} camera
   */
  move(camera) {
    this.view.camera = camera;
    this.moving = true;
    this.redraw();
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.settle(), 140);
  }

  settle() {
    this.moving = false;
    const { camera } = this.view;
    if (this.surface.picture && camera.zoom > 1) {
      const { fit } = this.surface;
      if (fit * camera.zoom >= 2) camera.zoom = Math.round(fit * camera.zoom) / fit;
    }
    this.redraw();
    this.report({}, 200);
  }

  /**
   * Shows another part of the picture at once.
   *
   * @param {Camera} camera
   */
  look(camera) {
    this.view.camera = camera;
    this.redraw();
    this.report();
  }

  /** @param {number} factor */
  zoomBy(factor) {
    const { surface } = this;
    if (!surface.picture) return;
    const { fit, pixels } = surface;
    const scale = fit * this.view.camera.zoom * factor;
    const next = factor > 1 ? Math.ceil(scale - 0.01) : Math.floor(scale + 0.01);
    this.look(surface.zoomedAround({ x: pixels.width / 2, y: pixels.height / 2 }, Math.max(next, 1) / fit));
  }

  /**
   * @param {number} right
   * @param {number} down
   */
  panBy(right, down) {
    const { zoom, x, y } = this.view.camera;
    const step = 0.2 / zoom;
    if (this.surface.picture) this.look(this.surface.held({ zoom, x: x + right * step, y: y + down * step }));
  }

  reset() {
    this.look({ ...WHOLE });
  }

  doubleClicked() {
    if (this.view.camera.zoom > 1) this.reset();
    else if (!this.exhibit) this.set({ mode: this.onStage ? "grid" : "large" });
  }

  /**
   * The page keeps its wheel until somebody has turned to the pictures.
   *
   * @param {WheelEvent} event
   */
  takesWheel(event) {
    const focused = this.root.contains(focusBeside(this.root));
    const takes = (this.onStage && !this.exhibit) || event.ctrlKey || focused || this.view.camera.zoom > 1;
    if (!takes) {
      this.hint.style.top = `${event.clientY - this.root.getBoundingClientRect().top}px`;
      this.hint.classList.add("shown");
      clearTimeout(this.hinting);
      this.hinting = setTimeout(() => this.hint.classList.remove("shown"), 1200);
    }
    return takes;
  }

  // -- swipe and flicker --------------------------------------------------------------------

  /** @param {PointerEvent} event */
  divides(event) {
    if (this.view.mode !== "swipe") return false;
    return this.view.camera.zoom === 1 || origin(event).closest(".divider") !== null;
  }

  /** @param {number} fraction */
  divide(fraction) {
    this.divider = clamp(fraction, 0, 1);
    this.rearrange();
    this.report({}, 600);
  }

  get flicking() {
    return this.flicker !== undefined;
  }

  keepFlicker() {
    if (this.view.mode !== "flicker") {
      clearInterval(this.flicker);
      this.flicker = undefined;
      this.started = false;
    } else if (!this.started) {
      this.started = true;
      if (!matchMedia("(prefers-reduced-motion: reduce)").matches) this.playFlicker();
    }
  }

  playFlicker() {
    if (this.flicking) {
      clearInterval(this.flicker);
      this.flicker = undefined;
    } else this.flicker = setInterval(() => this.flip(), 1000 / this.rate);
    this.rearrange();
  }

  /** @param {number} rate changes a second */
  flickerAt(rate) {
    this.rate = rate;
    if (this.flicking) {
      this.playFlicker();
      this.playFlicker();
    }
  }

  flip() {
    this.flipped = !this.flipped;
    this.rearrange();
  }

  /** @param {number} limit */
  limitTo(limit) {
    this.limit = limit;
    this.rearrange();
    this.report();
  }

  // -- loupe --------------------------------------------------------------------------------

  /** @param {Point | null} pixel */
  hover(pixel) {
    if (!this.loupe || !pixel) return;
    this.loupe = pixel;
    this.redraw();
  }

  toggleLoupe() {
    const { picture } = this.surface;
    this.loupe = this.loupe || !picture ? null : { x: picture.width >> 1, y: picture.height >> 1 };
    this.redraw();
    if (this.loupe) this.say();
  }

  /**
   * @param {number} right
   * @param {number} down
   */
  moveLoupe(right, down) {
    const { loupe, surface: { picture } } = this;
    if (!loupe || !picture) return;
    const { width, height } = picture;
    this.loupe = { x: clamp(loupe.x + right, 0, width - 1), y: clamp(loupe.y + down, 0, height - 1) };
    this.redraw();
    this.say();
  }

  /** Values for a screen reader; `values` is what tests and exports read. */
  say() {
    const { key, title } = this.panel(this.view.b);
    const { x, y } = known(this.loupe);
    this.live.textContent = `x ${x}, y ${y}: ${this.values(key).join(" ")}, ${title}`;
  }

  /** @param {string} key */
  values(key) {
    const { x, y } = known(this.loupe);
    return this.picture(key).at(x, y);
  }

  // -- region -------------------------------------------------------------------------------

  toggleOutlining() {
    this.outlining = !this.outlining;
    this.redraw();
  }

  /** @param {Region} region */
  outline(region) {
    this.view.region = region;
    this.redraw();
  }

  outlined() {
    this.outlining = false;
    this.redraw();
    this.report({}, 0);
  }

  /**
   * By keys: a rectangle around the centre of what is seen, then moved and sized.
   *
   * @param {number} right
   * @param {number} down
   * @param {boolean} sizes
   */
  outlineBy(right, down, sizes) {
    const { picture } = this.surface;
    if (!picture) return;
    const region = this.view.region ?? central(this.view.camera, picture);
    const [x0, y0, x1, y1] = moved(region, right, down, sizes, picture);
    this.outline([x0, y0, x1, y1]);
    this.live.textContent = `Region ${x1 - x0} by ${y1 - y0} at ${x0}, ${y0}`;
  }

  clearRegion() {
    this.view.region = null;
    this.outlining = false;
    this.redraw();
    this.report({}, 0);
  }

  // -- film and tabs ------------------------------------------------------------------------

  /** @param {string} tab */
  openTab(tab) {
    this.root.dataset.busy = "yes";
    this.step = null;
    this.report({ tab }, 0);
  }

  /** @param {number | null} step */
  goTo(step) {
    this.step = step;
    this.show();
    this.report({}, 600);
  }

  toggleScreen() {
    if (this.root.matches(":fullscreen")) document.exitFullscreen();
    else this.root.requestFullscreen?.().then(() => this.onStage || this.grid.focus(this.view.b));
  }
}
