// Where a picture lies on a canvas, for one view that all panels share.
//
// camera = {zoom, x, y}: zoom 1 shows the whole picture; x, y in [0, 1] is the point of the
// picture at the centre. Scale is canvas pixels per picture pixel. From 2 on it settles on whole
// numbers, so that every picture pixel becomes the same square.

import { clamp } from "./dom.js";

const MOST = 64;
export const WHOLE = { zoom: 1, x: 0.5, y: 0.5 };

export function fitScale(canvas, picture, exact) {
  const fit = Math.min(canvas.width / picture.width, canvas.height / picture.height);
  return exact && fit >= 2 ? Math.floor(fit) : fit;
}

// Returns {scale, left, top}: the picture's top left corner on the canvas.
export function place(canvas, picture, camera, { exact = false, settled = true } = {}) {
  const fit = fitScale(canvas, picture, exact);
  let scale = fit * camera.zoom;
  if (settled && camera.zoom > 1 && scale >= 2) scale = Math.round(scale);
  const along = (room, size, centre) => {
    const half = room / 2 / scale / size;
    const kept = half >= 0.5 ? 0.5 : clamp(centre, half, 1 - half);
    return Math.round(room / 2 - kept * size * scale);
  };
  return {
    scale,
    left: along(canvas.width, picture.width, camera.x),
    top: along(canvas.height, picture.height, camera.y),
  };
}

// The camera that keeps the picture's point under `point` (canvas pixels) while zooming.
export function zoomedAround(canvas, picture, camera, point, zoom, options) {
  const fit = fitScale(canvas, picture, options.exact);
  const before = place(canvas, picture, camera, options);
  const wanted = clamp(zoom, 1, Math.max(1, MOST / fit));
  if (wanted === 1) return { ...WHOLE };
  const scale = fit * wanted;
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

// The camera with its centre inside what can be shown, so that a drag against the edge does not pile up.
export function held(canvas, picture, camera, options) {
  const scale = fitScale(canvas, picture, options.exact) * camera.zoom;
  const along = (room, size, centre) => {
    const half = room / 2 / scale / size;
    return half >= 0.5 ? 0.5 : clamp(centre, half, 1 - half);
  };
  return {
    zoom: camera.zoom,
    x: along(canvas.width, picture.width, camera.x),
    y: along(canvas.height, picture.height, camera.y),
  };
}
