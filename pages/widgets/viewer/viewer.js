// The viewer: one view (mode, A, B, camera, region, step) over rows of panels.
//
//   const viewer = new Viewer(root, {onView: (view) => …});
//   viewer.update(data);
//
// `data` is what viewer.py's payload() returns; `view` is a flat object of strings, only what
// differs from the default.

const NOTHING = { mode: "grid", a: "", b: "", camera: WHOLE, region: null };

class Viewer {
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

  // -- changes ------------------------------------------------------------------------------

  set(change) {
    Object.assign(this.view, change);
    if (change.mode === "grid" || change.mode === "large") this.outlining = false;
    this.show();
    this.report();
  }

  pick(key, side = "b") {
    if (!key) return;
    const focused = this.root.getRootNode().activeElement;
    const other = side === "a" ? "b" : "a";
    // Two different ones, always: picking the other one exchanges them.
    const moved = this.view[other] === key ? { [other]: this.view[side] } : {};
    this.set({ ...moved, [side]: key });
    if (!this.onStage && focused?.classList.contains("picture")) this.grid.focus(this.view.b);
    this.live.textContent = `${side.toUpperCase()}: ${this.panel(key).alt}`;
  }

  exchange() {
    this.set({ a: this.view.b, b: this.view.a });
  }

  // While moving, enlarged pictures may have unequal squares by one screen pixel; then they settle.
  move(camera) {
    this.view.camera = camera;
    this.moving = true;
    this.redraw();
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.settle(), 140);
  }

  settle() {
    this.moving = false;
    const { surface } = this;
    const { camera } = this.view;
    const fit = fitScale(surface.pixels, surface.picture, surface.exact);
    if (camera.zoom > 1 && fit * camera.zoom >= 2) camera.zoom = Math.round(fit * camera.zoom) / fit;
    this.redraw();
    this.report({}, 200);
  }

  zoomBy(factor) {
    const { surface } = this;
    const { camera } = this.view;
    const fit = fitScale(surface.pixels, surface.picture, surface.exact);
    const next = factor > 1 ? Math.ceil(fit * camera.zoom * factor - 0.01) : Math.floor(fit * camera.zoom * factor + 0.01);
    this.view.camera = zoomedAround(
      surface.pixels, surface.picture, camera, { x: surface.pixels.width / 2, y: surface.pixels.height / 2 },
      Math.max(next, 1) / fit, surface.options,
    );
    this.redraw();
    this.report();
  }

  panBy(right, down) {
    const { surface } = this;
    const { zoom, x, y } = this.view.camera;
    const step = 0.2 / zoom;
    this.view.camera = held(surface.pixels, surface.picture, { zoom, x: x + right * step, y: y + down * step }, surface.options);
    this.redraw();
    this.report();
  }

  reset() {
    this.view.camera = { ...WHOLE };
    this.redraw();
    this.report();
  }

  doubleClicked() {
    if (this.view.camera.zoom > 1) this.reset();
    else this.set({ mode: this.onStage ? "grid" : "large" });
  }

  // The page keeps its wheel until somebody has turned to the pictures.
  takesWheel(surface, event) {
    const focused = this.root.contains(this.root.getRootNode().activeElement);
    const takes = this.onStage || event.ctrlKey || focused || this.view.camera.zoom > 1;
    if (!takes) {
      this.hint.classList.add("shown");
      clearTimeout(this.hinting);
      this.hinting = setTimeout(() => this.hint.classList.remove("shown"), 1200);
    }
    return takes;
  }

  // -- swipe and flicker --------------------------------------------------------------------

  divides(surface, event) {
    return this.view.mode === "swipe" && (event.target.closest(".divider") || this.view.camera.zoom === 1);
  }

  divide(fraction) {
    this.divider = clamp(fraction, 0, 1);
    this.rearrange();
    this.report({}, 600);
  }

  get flicking() {
    return Boolean(this.flicker);
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

  limitTo(limit) {
    this.limit = limit;
    this.rearrange();
    this.report();
  }

  // -- loupe --------------------------------------------------------------------------------

  hover(pixel) {
    if (!this.loupe || !pixel) return;
    this.loupe = pixel;
    this.redraw();
  }

  toggleLoupe() {
    const { width, height } = this.surface.picture;
    this.loupe = this.loupe ? null : { x: width >> 1, y: height >> 1 };
    this.redraw();
    if (this.loupe) this.say();
  }

  moveLoupe(right, down) {
    const { width, height } = this.surface.picture;
    this.loupe = { x: clamp(this.loupe.x + right, 0, width - 1), y: clamp(this.loupe.y + down, 0, height - 1) };
    this.redraw();
    this.say();
  }

  // Values for a screen reader; `values` is what tests and exports read.
  say() {
    const panel = this.panel(this.view.b);
    this.live.textContent = `x ${this.loupe.x}, y ${this.loupe.y}: ${this.values(panel.key).join(" ")}, ${panel.title}`;
  }

  values(key) {
    return this.picture(key).at(this.loupe.x, this.loupe.y);
  }

  // -- region -------------------------------------------------------------------------------

  toggleOutlining() {
    this.outlining = !this.outlining;
    this.redraw();
  }

  outline(region) {
    this.view.region = region;
    this.redraw();
  }

  outlined() {
    this.outlining = false;
    this.redraw();
    this.report({}, 0);
  }

  // By keys: a rectangle around the centre of what is seen, then moved and sized.
  outlineBy(right, down, sizes) {
    const { width, height } = this.surface.picture;
    let [x0, y0, x1, y1] = this.view.region ?? this.startingRegion(width, height);
    if (sizes) [x1, y1] = [clamp(x1 + right, x0 + 1, width), clamp(y1 + down, y0 + 1, height)];
    else {
      const [dx, dy] = [clamp(right, -x0, width - x1), clamp(down, -y0, height - y1)];
      [x0, y0, x1, y1] = [x0 + dx, y0 + dy, x1 + dx, y1 + dy];
    }
    this.outline([x0, y0, x1, y1]);
    this.live.textContent = `Region ${x1 - x0} by ${y1 - y0} at ${x0}, ${y0}`;
  }

  startingRegion(width, height) {
    const { zoom, x, y } = this.view.camera;
    const part = (size, centre) => {
      const long = Math.max(1, Math.round(size / zoom / 3));
      const from = clamp(Math.round(centre * size - long / 2), 0, size - long);
      return [from, from + long];
    };
    const [[x0, x1], [y0, y1]] = [part(width, x), part(height, y)];
    return [x0, y0, x1, y1];
  }

  clearRegion() {
    this.view.region = null;
    this.outlining = false;
    this.redraw();
    this.report({}, 0);
  }

  // -- film and tabs ------------------------------------------------------------------------

  openTab(tab) {
    this.root.dataset.busy = "yes";
    this.film.stop();
    this.step = 0;
    this.report({ tab }, 0);
  }

  goTo(step) {
    if (!this.data.film) return;
    this.step = clamp(step, 0, this.data.film.labels.length - 1);
    this.show();
    this.report({}, 600);
  }

  toggleScreen() {
    if (this.root.matches(":fullscreen")) document.exitFullscreen();
    else this.root.requestFullscreen?.().then(() => this.onStage || this.grid.focus(this.view.b));
  }
}
