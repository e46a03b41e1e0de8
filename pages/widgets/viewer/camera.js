// Where a picture lies on a canvas, for one view that all panels share.
//
// Scale is canvas pixels per picture pixel. From 2 on it settles on whole numbers, so that every
// picture pixel becomes the same square.

import { clamp } from "./dom.js";

/**
 * @typedef {{ width: number, height: number }} Size
 * @typedef {{ x: number, y: number }} Point
 * @typedef {{ zoom: number, x: number, y: number }} Camera zoom 1 shows the whole picture; x, y in [0, 1] is
 *   the point of the picture at the centre.
 * @typedef {{ scale: number, left: number, top: number }} Placed the picture's top left corner on the canvas.
 * @typedef {{ exact?: boolean, settled?: boolean }} PlaceOptions
 */

const MOST = 64;

/** @type {Readonly<Camera>} */
export const WHOLE = { zoom: 1, x: 0.5, y: 0.5 };

/**
 * @param {Size} canvas
 * @param {Size} picture
 * @param {boolean} [exact]
 */
export function fitScale(canvas, picture, exact) {
  const fit = Math.min(canvas.width / picture.width, canvas.height / picture.height);
  return exact && fit >= 2 ? Math.floor(fit) : fit;
}

/**
 * @param {Size} canvas
 * @param {Size} picture
 * @param {Camera} camera
 * @param {PlaceOptions} [options]
 * @returns {Placed}
 */
export function place(canvas, picture, camera, { exact = false, settled = true } = {}) {
  const fit = fitScale(canvas, picture, exact);
  let scale = fit * camera.zoom;
  if (settled && camera.zoom > 1 && scale >= 2) scale = Math.round(scale);
  /** @type {(room: number, size: number, centre: number) => number} */
  const start = (room, size, centre) => Math.round(room / 2 - inside(room, size, scale, centre) * size * scale);
  return {
    scale,
    left: start(canvas.width, picture.width, camera.x),
    top: start(canvas.height, picture.height, camera.y),
  };
}

/**
 * A centre that leaves no room beside the picture; the middle where the picture does not fill it.
 *
 * @param {number} room
 * @param {number} size
 * @param {number} scale
 * @param {number} centre
 */
function inside(room, size, scale, centre) {
  const half = room / 2 / scale / size;
  return half >= 0.5 ? 0.5 : clamp(centre, half, 1 - half);
}

/**
 * The camera that keeps the picture's point under `point` (canvas pixels) while zooming.
 *
 * @param {Size} canvas
 * @param {Size} picture
 * @param {Camera} camera
 * @param {Point} point
 * @param {number} zoom
 * @param {PlaceOptions} options
 * @returns {Camera}
 */
export function zoomedAround(canvas, picture, camera, point, zoom, options) {
  const fit = fitScale(canvas, picture, options.exact);
  const before = place(canvas, picture, camera, options);
  const wanted = clamp(zoom, 1, Math.max(1, MOST / fit));
  if (wanted === 1) return { ...WHOLE };
  const scale = fit * wanted;
  /** @type {(position: number, start: number, room: number, size: number) => number} */
  const centre = (position, start, room, size) => {
    const under = (position - start) / before.scale;
    return (under + (room / 2 - position) / scale) / size;
  };
  return held(canvas, picture, {
    zoom: wanted,
    x: centre(point.x, before.left, canvas.width, picture.width),
    y: centre(point.y, before.top, canvas.height, picture.height),
  }, options);
}

/**
 * The camera with its centre inside what can be shown, so that a drag against the edge does not pile up.
 *
 * @param {Size} canvas
 * @param {Size} picture
 * @param {Camera} camera
 * @param {PlaceOptions} options
 * @returns {Camera}
 */
export function held(canvas, picture, camera, options) {
  const scale = fitScale(canvas, picture, options.exact) * camera.zoom;
  return {
    zoom: camera.zoom,
    x: inside(canvas.width, picture.width, scale, camera.x),
    y: inside(canvas.height, picture.height, scale, camera.y),
  };
}
