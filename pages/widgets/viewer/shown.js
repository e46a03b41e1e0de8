// What the viewer shows: its data, its view, and both drawn. What changes the view is in viewer.js.

import { WHOLE } from "./camera.js";
import { clamp, element, scroller } from "./dom.js";
import { Film } from "./film.js";
import { Grid, short } from "./grid.js";
import { buildHelp } from "./help.js";
import { onKey } from "./keys.js";
import { decodePicture } from "./picture.js";
import { Stage } from "./stage.js";
import { Toolbar } from "./toolbar.js";

const NOTHING = { mode: "grid", a: "", b: "", camera: WHOLE, region: null };

export class Shown {
  constructor(root, { onView = () => {} } = {}) {
    this.root = root;
    this.onView = onView;
    this.view = { ...NOTHING, camera: { ...WHOLE } };
    Object.assign(this, { step: 0, divider: 0.5, flipped: false, rate: 2, limit: 32, loupe: null, outlining: false, moving: false });
    this.pictures = new Map(); // base64 PNG -> Picture
    this.toolbar = new Toolbar(this);
    this.grid = new Grid(this);
    this.stage = new Stage(this);
    this.film = new Film(this);
    this.help = buildHelp();
    this.live = element("div", { class: "unseen", "aria-live": "polite" });
    this.hint = element("div", { class: "wheel-hint", "aria-hidden": "true" }, "Click a picture first, or hold Ctrl, to zoom with the wheel");
    root.replaceChildren(this.toolbar.node, this.grid.node, this.stage.node, this.film.node, this.help, this.live, this.hint);
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

  // Shows new data once all its pictures are decoded; a newer update wins.
  async update(data) {
    const wanted = (this.latest = data);
    const needed = new Set(data.rows.flatMap(({ panels }) => panels.flatMap((panel) => [panel.png, ...panel.frames.map(({ png }) => png)])));
    const decoded = await Promise.all(
      [...needed].map(async (png) => [png, this.pictures.get(png) ?? (await decodePicture(png))]),
    );
    if (this.latest !== wanted) return;
    this.pictures = new Map(decoded);
    const before = this.data;
    this.data = data;
    this.panels = data.rows.flatMap(({ panels }) => panels);
    if (data.apply !== before?.apply) this.apply(data.view);
    if (before && before.tab !== data.tab) this.step = 0;
    this.repair();
    this.toolbar.fill(data.tabs, data.tab);
    this.film.fill(data.film);
    this.grid.fill(data.rows, data.bar);
    this.stage.fill(data.rows, data.bar);
    delete this.root.dataset.busy;
    this.show();
    this.root.dataset.drawn = data.version;
  }

  // What the data does not have falls back to what it suggests.
  repair() {
    const keys = this.panels.map(({ key }) => key);
    const [a, b] = this.data.pair;
    if (!keys.includes(this.view.a)) this.view.a = keys.includes(a) ? a : keys[0];
    if (!keys.includes(this.view.b)) this.view.b = keys.includes(b) ? b : keys.at(-1);
    this.step = clamp(this.step, 0, this.data.film ? this.data.film.labels.length - 1 : 0);
    const { width, height } = this.picture(this.view.b);
    if (this.view.region) {
      const [x0, y0, x1, y1] = this.view.region;
      const kept = [clamp(x0, 0, width), clamp(y0, 0, height), clamp(x1, 0, width), clamp(y1, 0, height)];
      this.view.region = kept[0] < kept[2] && kept[1] < kept[3] ? kept : null;
    }
  }

  apply(view) {
    const [zoom, x, y] = (view.zoom ?? "1,0.5,0.5").split(",").map(Number);
    this.view = {
      mode: view.view ?? "grid",
      a: view.a ?? "",
      b: view.b ?? "",
      camera: { zoom, x, y },
      region: view.region ? view.region.split(",").map(Number) : null,
    };
    this.step = Number(view.step ?? 0);
    this.divider = Number(view.divider ?? 0.5);
    this.limit = Number(view.limit ?? 32);
  }

  // The view as a flat object, only what differs from what a fresh viewer shows.
  flat() {
    const { mode, a, b, camera, region } = this.view;
    const rounded = (value) => String(Number(value.toFixed(4)));
    return {
      ...(mode !== "grid" && { view: mode }),
      ...(a !== this.data.pair[0] && { a }),
      ...(b !== this.data.pair[1] && { b }),
      ...(camera.zoom > 1 && { zoom: [camera.zoom, camera.x, camera.y].map(rounded).join(",") }),
      ...(region && { region: region.join(",") }),
      ...(this.data.tab !== (this.data.tabs[0]?.[0] ?? "") && { tab: this.data.tab }),
      ...(this.step && { step: String(this.step) }),
      ...(this.divider !== 0.5 && { divider: rounded(this.divider) }),
      ...(this.limit !== 32 && { limit: String(this.limit) }),
    };
  }

  // Tells the outside, once a gesture has ended.
  report(extra = {}, wait = 300) {
    clearTimeout(this.reporting);
    this.reporting = setTimeout(() => {
      const told = { ...this.flat(), ...extra };
      if (told.tab === this.data.tabs[0]?.[0]) delete told.tab;
      this.onView(told);
    }, wait);
  }

  panel(key) {
    return this.panels.find((panel) => panel.key === key);
  }

  // A panel as it is at the film's present step.
  frame(panel) {
    return { ...panel, ...(panel.frames[this.step] ?? {}) };
  }

  picture(key) {
    return this.pictures.get(this.frame(this.panel(key)).png);
  }

  headline(panel) {
    const shown = this.frame(panel);
    return short(shown.inside || shown.figure || "");
  }

  // -- drawing ------------------------------------------------------------------------------

  // Height that the window has for the viewer when it is scrolled to the top, or to the viewer if
  // that stands further down.
  measure() {
    const full = this.root.matches(":fullscreen");
    let above = 16;
    if (!full) {
      const top = this.root.getBoundingClientRect().top + scroller(this.root).scrollTop;
      if (top < window.innerHeight / 2) above += top;
    }
    this.room = window.innerHeight - above - (this.data.film ? 66 : 0);
  }

  get onStage() {
    return this.view.mode !== "grid";
  }

  // After a change of data, mode or choice.
  show() {
    if (!this.data) return;
    this.root.dataset.mode = this.view.mode;
    this.grid.node.hidden = this.onStage;
    this.stage.node.hidden = !this.onStage;
    for (const tile of this.grid.tiles) {
      tile.show(this.picture(tile.panel.key));
      if (this.data.film) tile.write();
    }
    this.grid.mark(this.view);
    if (this.onStage) {
      this.stage.arrange();
      this.stage.drawThumbs();
    }
    this.film.show(this.step);
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
    else this.grid.resize();
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
    else this.grid.draw();
    const surface = this.surface;
    const scale = surface.picture && surface.pixels.width ? surface.placed.scale / surface.ratio : 1;
    this.toolbar.show(this.view, scale, this);
    this.root.classList.toggle("zoomed", this.view.camera.zoom > 1);
    this.root.classList.toggle("outlining", this.outlining);
    this.root.classList.toggle("louped", Boolean(this.loupe));
  }

  // The surface that keys act on.
  get surface() {
    if (this.onStage) return this.stage.surface;
    return (this.grid.tiles.find(({ panel }) => panel.key === this.view.b) ?? this.grid.tiles[0]).surface;
  }
}
