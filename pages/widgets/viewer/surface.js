// One place where pictures are drawn: a canvas for the pixels, and above it one for marks, so
// that marks never change a pixel.

import { place } from "./camera.js";
import { clamp, element } from "./dom.js";
import { LOUPE, paintCross, paintLoupe, paintOverview, paintPicture, paintRegion } from "./paint.js";

export class Surface {
  // `exact`: at zoom 1 too, only whole numbers of screen pixels per picture pixel.
  constructor(viewer, { exact = false } = {}) {
    this.viewer = viewer;
    this.exact = exact;
    this.pixels = element("canvas", { class: "pixels" });
    this.marks = element("canvas", { class: "marks", "aria-hidden": "true" });
    this.layers = []; // {picture, name, from, to}: from, to are fractions of the width
    this.ratio = 1;
  }

  // A whole number of screen pixels, or the browser would resample what was drawn exactly.
  resize(width, height) {
    this.ratio = window.devicePixelRatio;
    const [w, h] = [Math.floor(width * this.ratio), Math.floor(height * this.ratio)];
    for (const canvas of [this.pixels, this.marks]) {
      if (canvas.width !== w || canvas.height !== h) {
        canvas.width = w;
        canvas.height = h;
      }
      canvas.style.width = `${w / this.ratio}px`;
      canvas.style.height = `${h / this.ratio}px`;
    }
  }

  get picture() {
    return this.layers[0]?.picture;
  }

  get options() {
    return { exact: this.exact, settled: !this.viewer.moving };
  }

  get placed() {
    return place(this.pixels, this.picture, this.viewer.view.camera, this.options);
  }

  // Canvas pixels of a pointer event.
  point(event) {
    const box = this.pixels.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * this.pixels.width,
      y: ((event.clientY - box.top) / box.height) * this.pixels.height,
    };
  }

  // The picture's pixel there; null outside unless `near` asks for the nearest.
  pixelAt(event, near = false) {
    if (!this.picture) return null;
    const [at, { scale, left, top }] = [this.point(event), this.placed];
    const [x, y] = [Math.floor((at.x - left) / scale), Math.floor((at.y - top) / scale)];
    const { width, height } = this.picture;
    if (near) return { x: clamp(x, 0, width - 1), y: clamp(y, 0, height - 1) };
    return x >= 0 && y >= 0 && x < width && y < height ? { x, y } : null;
  }

  draw() {
    const context = this.pixels.getContext("2d", { colorSpace: "srgb" });
    const { width, height } = this.pixels;
    context.clearRect(0, 0, width, height);
    for (const { picture, from, to } of this.layers) {
      if (!picture || to <= from) continue;
      context.save();
      context.beginPath();
      context.rect(Math.round(from * width), 0, Math.round(to * width) - Math.round(from * width), height);
      context.clip();
      paintPicture(
        context, picture, place(this.pixels, picture, this.viewer.view.camera, this.options), !this.viewer.moving,
      );
      context.restore();
    }
    this.drawMarks();
  }

  drawMarks() {
    const { view, loupe } = this.viewer;
    const context = this.marks.getContext("2d");
    const wanted = this.picture && (view.region || loupe || (view.camera.zoom > 1 && this.overview));
    if (!wanted && this.clean) return;
    context.clearRect(0, 0, this.marks.width, this.marks.height);
    this.clean = !wanted;
    if (!wanted) return;
    const placed = this.placed;
    if (view.region) paintRegion(context, view.region, placed, this.ratio);
    if (view.camera.zoom > 1 && this.overview) paintOverview(context, this.picture, placed, this.ratio);
    if (loupe) this.drawLoupe(context, loupe, placed);
  }

  // The neighbourhoods stand in the corner that the pointer is not in.
  drawLoupe(context, loupe, placed) {
    const { width, height } = this.marks;
    const point = {
      x: clamp(loupe.x, 0, this.picture.width - 1),
      y: clamp(loupe.y, 0, this.picture.height - 1),
    };
    const sources = this.compared ?? [{ picture: this.picture, name: "" }];
    const cell = Math.max(3, Math.round(Math.min(width / 2.6 / LOUPE, 11 * this.ratio)));
    const margin = 6 * this.ratio;
    const step = LOUPE * cell + margin;
    const atLeft = placed.left + point.x * placed.scale > width / 2;
    const atTop = placed.top + point.y * placed.scale > height / 2;
    const first = atLeft ? margin : width - step * sources.length;
    const top = atTop ? margin : height - LOUPE * cell - 17 * this.ratio - margin;
    paintCross(context, point, placed, this.ratio);
    sources.forEach(({ picture, name }, index) =>
      picture && paintLoupe(context, picture, point, { left: first + index * step, top, cell }, this.ratio, name));
  }
}
