// Decoded pictures: exactly the PNG's values, whatever the screen's colour profile.

import { context2d } from "./dom.js";

export class Picture {
  /** @param {ImageBitmap | OffscreenCanvas} bitmap */
  constructor(bitmap) {
    this.bitmap = bitmap;
    this.width = bitmap.width;
    this.height = bitmap.height;
    /** @type {ImageDataArray | null} */
    this.values = null;
  }

  /** RGBA, row by row; read when first asked for. */
  pixels() {
    if (!this.values) {
      const canvas = new OffscreenCanvas(this.width, this.height);
      const context = context2d(canvas, { willReadFrequently: true, colorSpace: "srgb" });
      context.drawImage(this.bitmap, 0, 0);
      this.values = context.getImageData(0, 0, this.width, this.height).data;
    }
    return this.values;
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  at(x, y) {
    const start = 4 * (y * this.width + x);
    return [...this.pixels().subarray(start, start + 3)];
  }
}

/** @param {string} base64 */
function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/**
 * No colour conversion: an embedded profile or gamma must not change a value.
 *
 * @param {string} png base64
 */
export async function decodePicture(png) {
  const blob = new Blob([bytesOf(png)], { type: "image/png" });
  return new Picture(
    await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" }),
  );
}

/** Browsers that guard against fingerprinting give false pixels back; then no value may be shown. */
export const readsTrue = (() => {
  /** @type {boolean | undefined} */
  let found;
  return () => {
    if (found === undefined) {
      const context = context2d(new OffscreenCanvas(16, 16), { willReadFrequently: true });
      context.fillStyle = "rgb(37, 101, 211)";
      context.fillRect(0, 0, 16, 16);
      const read = context.getImageData(0, 0, 16, 16).data;
      found = read.every((value, index) => value === [37, 101, 211, 255][index % 4]);
    }
    return found;
  };
})();

// Diverging colours around white: Okabe-Ito blue below zero, vermilion above.
const BELOW = [0, 114, 178];
const ABOVE = [213, 94, 0];

/** @param {number} fraction */
function divergingColour(fraction) {
  const end = fraction < 0 ? BELOW : ABOVE;
  const weight = Math.min(1, Math.abs(fraction));
  return end.map((channel) => Math.round(255 + (channel - 255) * weight));
}

/**
 * B - A, mean over the colour channels; the colours end at `limit` grey levels.
 *
 * @param {Picture} a
 * @param {Picture} b
 * @param {number} limit
 */
export function differencePicture(a, b, limit) {
  const [before, after] = [a.pixels(), b.pixels()];
  const image = new ImageData(a.width, a.height);
  for (let start = 0; start < before.length; start += 4) {
    const sum = after[start] + after[start + 1] + after[start + 2]
      - before[start] - before[start + 1] - before[start + 2];
    image.data.set(divergingColour(sum / 3 / limit), start);
    image.data[start + 3] = 255;
  }
  const canvas = new OffscreenCanvas(a.width, a.height);
  context2d(canvas).putImageData(image, 0, 0);
  return new Picture(canvas);
}
