// One place where pictures are drawn: a canvas for the pixels, and above it one for marks, so
// that marks never change a pixel.

import { fitScale, held, place, zoomedAround } from "./camera.js";
import { clamp, context2d, element, known } from "./dom.js";
import { LOUPE, paintCross, paintLoupe, paintOverview, paintPicture, paintRegion } from "./paint.js";

/**
 * @import { Camera, Placed, Point } from "./camera.js"
 * @import { Picture } from "./picture.js"
 * @import { Viewer } from "./viewer.js"
 */

/**
 * @typedef {{ picture: Picture | null, from: number, to: number }} Layer from, to are fractions of the width
 */

export class Surface {
  /**
   * @param {Viewer} viewer
   * @param {{ exact?: boolean }} options `exact`: at zoom 1 too, only whole numbers of screen pixels per
   *   picture pixel.
   */
  constructor(viewer, { exact = false } = {}) {
    this.viewer = viewer;
    this.exact = exact;
    this.pixels = element("canvas", { class: "pixels" });
    this.marks = element("canvas", { class: "marks", "aria-hidden": "true" });
    /** @type {Layer[]} */
    this.layers = [];
    this.ratio = 1;
    this.overview = false;
    this.clean = false;
    /**
     * What the loupe shows; by default the picture.
     *
     * @type {{ picture: Picture, name: string }[] | undefined}
     */
    this.compared = undefined;
  }

  /**
   * A whole number of screen pixels, or the browser would resample what was drawn exactly.
   *
   * @param {number} width
   * @param {number} height
   */
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

  /** The first picture; null if there is none to show. */
  get picture() {
    return this.layers[0]?.picture ?? null;
  }

  get options() {
    return { exact: this.exact, settled: !this.viewer.moving };
  }

  get placed() {
    return place(this.pixels, known(this.picture), this.viewer.view.camera, this.options);
  }

  /** Canvas pixels per picture pixel at zoom 1. */
  get fit() {
    return fitScale(this.pixels, known(this.picture), this.exact);
  }

  /**
   * The viewer's camera at another zoom, with the picture's point under `point` (canvas pixels) kept.
   *
   * @param {Point} point
   * @param {number} zoom
   */
  zoomedAround(point, zoom) {
    return zoomedAround(
      this.pixels, known(this.picture), this.viewer.view.camera, point, zoom, this.options,
    );
  }

  /** @param {Camera} camera */
  held(camera) {
    return held(this.pixels, known(this.picture), camera, this.options);
  }

  /**
   * Canvas pixels of a place in the window.
   *
   * @param {{ clientX: number, clientY: number }} event
   */
  point(event) {
    const box = this.pixels.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * this.pixels.width,
      y: ((event.clientY - box.top) / box.height) * this.pixels.height,
    };
  }

  /**
   * The picture's pixel there; it may lie outside.
   *
   * @param {PointerEvent} event
   */
  under(event) {
    const [at, { scale, left, top }] = [this.point(event), this.placed];
    return { x: Math.floor((at.x - left) / scale), y: Math.floor((at.y - top) / scale) };
  }

  /**
   * The picture's pixel there; null outside.
   *
   * @param {PointerEvent} event
   */
  pixelAt(event) {
    const { width, height } = known(this.picture);
    const { x, y } = this.under(event);
    return x >= 0 && y >= 0 && x < width && y < height ? { x, y } : null;
  }

  /**
   * The picture's pixel nearest to there.
   *
   * @param {PointerEvent} event
   */
  pixelNear(event) {
    const { width, height } = known(this.picture);
    const { x, y } = this.under(event);
    return { x: clamp(x, 0, width - 1), y: clamp(y, 0, height - 1) };
  }

  draw() {
    const context = context2d(this.pixels, { colorSpace: "srgb" });
    const { width, height } = this.pixels;
    const { camera } = this.viewer.view;
    context.clearRect(0, 0, width, height);
    for (const { picture, from, to } of this.layers) {
      if (!picture || to <= from) continue;
      context.save();
      context.beginPath();
      context.rect(Math.round(from * width), 0, Math.round(to * width) - Math.round(from * width), height);
      context.clip();
      paintPicture(context, picture, place(this.pixels, picture, camera, this.options), !this.viewer.moving);
      context.restore();
    }
    this.drawMarks();
  }

  drawMarks() {
    const { view, loupe } = this.viewer;
    const { picture } = this;
    const context = context2d(this.marks);
    const overview = view.camera.zoom > 1 && this.overview;
    const wanted = picture && (view.region || loupe || overview);
    if (!wanted && this.clean) return;
    context.clearRect(0, 0, this.marks.width, this.marks.height);
    this.clean = !wanted;
    if (!wanted) return;
    const { placed } = this;
    if (view.region) paintRegion(context, view.region, placed, this.ratio);
    if (overview) paintOverview(context, picture, placed, this.ratio);
    if (loupe) this.drawLoupe(context, picture, loupe, placed);
  }

  /**
   * The neighbourhoods stand in the corner that the pointer is not in.
   *
   * @param {CanvasRenderingContext2D} context
   * @param {Picture} picture
   * @param {Point} loupe
   * @param {Placed} placed
   */
  drawLoupe(context, picture, loupe, placed) {
    const { width, height } = this.marks;
    const point = { x: clamp(loupe.x, 0, picture.width - 1), y: clamp(loupe.y, 0, picture.height - 1) };
    const sources = this.compared ?? [{ picture, name: "" }];
    const cell = Math.max(3, Math.round(Math.min(width / 2.6 / LOUPE, 11 * this.ratio)));
    const margin = 6 * this.ratio;
    const step = LOUPE * cell + margin;
    const atLeft = placed.left + point.x * placed.scale > width / 2;
    const atTop = placed.top + point.y * placed.scale > height / 2;
    const first = atLeft ? margin : width - step * sources.length;
    const top = atTop ? margin : height - LOUPE * cell - 17 * this.ratio - margin;
    paintCross(context, point, placed, this.ratio);
    sources.forEach((source, index) => {
      const box = { left: first + index * step, top, cell };
      paintLoupe(context, source.picture, point, box, this.ratio, source.name);
    });
  }
}
