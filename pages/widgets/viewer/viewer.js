// The viewer: one view (mode, A, B, camera, region, step) over rows of panels.
//
//   const viewer = new Viewer(root, {onView: (view) => …});
//   viewer.update(data);
//
// `data` is what viewer.py's payload() returns; `view` is a flat object of strings, only what
// differs from the default.

import { fitScale, held, zoomedAround } from "./camera.js";
import { clamp } from "./dom.js";
import { Shown } from "./shown.js";

export class Viewer extends Shown {
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
