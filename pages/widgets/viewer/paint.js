// Pictures and marks on a canvas.

import { clamp, context2d } from "./dom.js";
import { readsTrue } from "./picture.js";

/**
 * @import { Placed, Point } from "./camera.js"
 * @import { Picture } from "./picture.js"
 * @import { Region } from "./region.js"
 */

/** @type {OffscreenCanvas | undefined} */
let scratch;

/**
 * Nearest neighbour wherever a picture is enlarged. Between 1 and 3 times and not a whole number of
 * canvas pixels, unequal squares would show patterns that are not there: then the squares are drawn
 * equal, and shrunk to size.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 * @param {Placed} placed
 * @param {boolean} fine
 */
export function paintPicture(context, picture, { scale, left, top }, fine = true) {
  const { width, height } = context.canvas;
  const x0 = Math.max(0, Math.floor(-left / scale));
  const y0 = Math.max(0, Math.floor(-top / scale));
  const w = Math.min(picture.width, Math.ceil((width - left) / scale)) - x0;
  const h = Math.min(picture.height, Math.ceil((height - top) / scale)) - y0;
  if (w <= 0 || h <= 0) return;
  /** @type {[number, number, number, number]} */
  const target = [left + x0 * scale, top + y0 * scale, w * scale, h * scale];
  context.imageSmoothingQuality = fine ? "high" : "low";
  if (Number.isInteger(scale) || scale >= 3) {
    context.imageSmoothingEnabled = false;
    context.drawImage(picture.bitmap, x0, y0, w, h, ...target);
  } else if (scale > 1) {
    const squares = Math.ceil(scale);
    scratch ??= new OffscreenCanvas(1, 1);
    scratch.width = w * squares;
    scratch.height = h * squares;
    const enlarged = context2d(scratch);
    enlarged.imageSmoothingEnabled = false;
    enlarged.drawImage(picture.bitmap, x0, y0, w, h, 0, 0, scratch.width, scratch.height);
    context.imageSmoothingEnabled = true;
    context.drawImage(scratch, ...target);
  } else {
    context.imageSmoothingEnabled = true;
    context.drawImage(picture.bitmap, x0, y0, w, h, ...target);
  }
}

/**
 * A whole picture, small, on a square of its own.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Picture} picture
 * @param {number} side CSS pixels
 */
export function paintThumb(canvas, picture, side) {
  canvas.width = canvas.height = Math.round(side * window.devicePixelRatio);
  const context = context2d(canvas);
  context.imageSmoothingQuality = "high";
  const scale = canvas.width / Math.max(picture.width, picture.height);
  const [w, h] = [picture.width * scale, picture.height * scale];
  context.drawImage(picture.bitmap, (canvas.width - w) / 2, (canvas.height - h) / 2, w, h);
}

/**
 * A line that is seen on any picture.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number} ratio
 * @param {() => void} draw
 */
function strokeTwice(context, ratio, draw) {
  for (const { colour, width } of [{ colour: "rgb(0 0 0 / 0.75)", width: 3.5 }, { colour: "#ffffff", width: 1.5 }]) {
    context.strokeStyle = colour;
    context.lineWidth = width * ratio;
    context.beginPath();
    draw();
    context.stroke();
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Region} region
 * @param {Placed} placed
 * @param {number} ratio
 */
export function paintRegion(context, region, { scale, left, top }, ratio) {
  const [x0, y0, x1, y1] = region;
  strokeTwice(context, ratio, () =>
    context.rect(left + x0 * scale, top + y0 * scale, (x1 - x0) * scale, (y1 - y0) * scale));
}

/**
 * A small whole picture with a frame around what is seen of it.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 * @param {Placed} placed
 * @param {number} ratio
 */
export function paintOverview(context, picture, { scale, left, top }, ratio) {
  const { width, height } = context.canvas;
  const size = Math.min(56 * ratio, width / 3.5);
  const small = size / Math.max(picture.width, picture.height);
  const [w, h] = [picture.width * small, picture.height * small];
  const [x, y] = [width - w - 6 * ratio, 6 * ratio];
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  context.drawImage(picture.bitmap, x, y, w, h);
  strokeTwice(context, ratio, () => context.rect(x, y, w, h));
  /** @type {(start: number, room: number) => number} */
  const from = (start, room) => clamp(-start / scale, 0, room);
  const [x0, y0] = [from(left, picture.width), from(top, picture.height)];
  const x1 = clamp((width - left) / scale, 0, picture.width);
  const y1 = clamp((height - top) / scale, 0, picture.height);
  context.fillStyle = "rgb(86 180 233 / 0.35)";
  context.fillRect(x + x0 * small, y + y0 * small, (x1 - x0) * small, (y1 - y0) * small);
  strokeTwice(context, ratio, () =>
    context.rect(x + x0 * small, y + y0 * small, (x1 - x0) * small, (y1 - y0) * small));
}

export const LOUPE = 11; // pixels on a side

/**
 * One magnified neighbourhood with its values below.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 * @param {Point} point
 * @param {{ left: number, top: number, cell: number }} box
 * @param {number} ratio
 * @param {string} name
 */
export function paintLoupe(context, picture, point, box, ratio, name) {
  const half = (LOUPE - 1) / 2;
  const side = LOUPE * box.cell;
  const foot = 17 * ratio;
  context.fillStyle = "#101418";
  context.fillRect(box.left - ratio, box.top - ratio, side + 2 * ratio, side + foot + 2 * ratio);
  context.imageSmoothingEnabled = false;
  const [x0, y0] = [Math.max(0, point.x - half), Math.max(0, point.y - half)];
  const x1 = Math.min(picture.width, point.x + half + 1);
  const y1 = Math.min(picture.height, point.y + half + 1);
  context.drawImage(
    picture.bitmap, x0, y0, x1 - x0, y1 - y0,
    box.left + (x0 - point.x + half) * box.cell, box.top + (y0 - point.y + half) * box.cell,
    (x1 - x0) * box.cell, (y1 - y0) * box.cell,
  );
  strokeTwice(context, ratio, () =>
    context.rect(box.left + half * box.cell, box.top + half * box.cell, box.cell, box.cell));
  context.fillStyle = "#ffffff";
  context.font = `600 ${11 * ratio}px system-ui, sans-serif`;
  context.textBaseline = "middle";
  context.textAlign = "center";
  const words = readsTrue() ? picture.at(point.x, point.y).join(" ") : "hidden";
  context.fillText(name ? `${name}  ${words}` : words, box.left + side / 2, box.top + side + foot / 2 + ratio, side);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Point} point
 * @param {Placed} placed
 * @param {number} ratio
 */
export function paintCross(context, point, { scale, left, top }, ratio) {
  const [x, y] = [left + point.x * scale, top + point.y * scale];
  const reach = 7 * ratio;
  strokeTwice(context, ratio, () => {
    context.rect(x, y, scale, scale);
    const [cx, cy] = [x + scale / 2, y + scale / 2];
    const gap = scale / 2 + 2 * ratio;
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(cx + dx * gap, cy + dy * gap);
      context.lineTo(cx + dx * (gap + reach), cy + dy * (gap + reach));
    }
  });
}
