// The region of interest: a rectangle of pixels that all panels share.

import { clamp } from "./dom.js";

/** @import { Camera, Point, Size } from "./camera.js" */

/** @typedef {[number, number, number, number]} Region left, top, right, bottom in pixels, the last two excluded */

/**
 * The region of two corners' pixels, both included.
 *
 * @param {Point} one
 * @param {Point} two
 * @returns {Region}
 */
export function rectangle(one, two) {
  return [
    Math.min(one.x, two.x), Math.min(one.y, two.y), Math.max(one.x, two.x) + 1, Math.max(one.y, two.y) + 1,
  ];
}

/**
 * What of a region a picture has; null if nothing.
 *
 * @param {Region} region
 * @param {Size} picture
 * @returns {Region | null}
 */
export function cut([x0, y0, x1, y1], { width, height }) {
  /** @type {Region} */
  const kept = [clamp(x0, 0, width), clamp(y0, 0, height), clamp(x1, 0, width), clamp(y1, 0, height)];
  return kept[0] < kept[2] && kept[1] < kept[3] ? kept : null;
}

/**
 * A third of what is seen, around its centre.
 *
 * @param {Camera} camera
 * @param {Size} picture
 * @returns {Region}
 */
export function central({ zoom, x, y }, { width, height }) {
  /** @type {(size: number, centre: number) => [number, number]} */
  const part = (size, centre) => {
    const long = Math.max(1, Math.round(size / zoom / 3));
    const from = clamp(Math.round(centre * size - long / 2), 0, size - long);
    return [from, from + long];
  };
  const [[x0, x1], [y0, y1]] = [part(width, x), part(height, y)];
  return [x0, y0, x1, y1];
}

/**
 * A region moved inside its picture, or with `sizes` its right and lower edge alone.
 *
 * @param {Region} region
 * @param {number} right
 * @param {number} down
 * @param {boolean} sizes
 * @param {Size} picture
 * @returns {Region}
 */
export function moved([x0, y0, x1, y1], right, down, sizes, { width, height }) {
  if (sizes) return [x0, y0, clamp(x1 + right, x0 + 1, width), clamp(y1 + down, y0 + 1, height)];
  const [dx, dy] = [clamp(right, -x0, width - x1), clamp(down, -y0, height - y1)];
  return [x0 + dx, y0 + dy, x1 + dx, y1 + dy];
}
