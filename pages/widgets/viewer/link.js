// A view as a link says it: a flat object of strings, only what differs from what a fresh viewer shows.

import { WHOLE } from "./camera.js";

/**
 * @import { Camera } from "./camera.js"
 * @import { Payload, ViewQuery } from "./payload.js"
 * @import { Region } from "./region.js"
 */

/**
 * @typedef {"grid" | "large" | "swipe" | "flicker" | "difference" | "side"} Mode
 * @typedef {{ mode: Mode, a: string, b: string, camera: Camera, region: Region | null }} View
 * @typedef {{ view: View, step: number | null, divider: number, limit: number }} Seen
 *   without a `step` a film stands at its end
 */

/**
 * @param {ViewQuery} query
 * @returns {Seen}
 */
export function seenIn(query) {
  const numbers = (/** @type {string} */ text) => text.split(",").map(Number);
  const [zoom, x, y] = query.zoom ? numbers(query.zoom) : [WHOLE.zoom, WHOLE.x, WHOLE.y];
  return {
    view: {
      mode: /** @type {Mode} */ (query.view ?? "grid"),
      a: query.a ?? "",
      b: query.b ?? "",
      camera: { zoom, x, y },
      region: query.region ? /** @type {Region} */ (numbers(query.region)) : null,
    },
    step: query.step === undefined ? null : Number(query.step),
    divider: Number(query.divider ?? 0.5),
    limit: Number(query.limit ?? 32),
  };
}

/**
 * @param {Seen} seen
 * @param {Payload} data
 * @returns {ViewQuery}
 */
export function queryOf({ view, step, divider, limit }, data) {
  const { mode, a, b, camera, region } = view;
  const rounded = (/** @type {number} */ value) => String(Number(value.toFixed(4)));
  return {
    ...(mode !== "grid" && { view: mode }),
    ...(a !== data.pair[0] && { a }),
    ...(b !== data.pair[1] && { b }),
    ...(camera.zoom > 1 && { zoom: [camera.zoom, camera.x, camera.y].map(rounded).join(",") }),
    ...(region && { region: region.join(",") }),
    ...(data.tab !== (data.tabs[0]?.[0] ?? "") && { tab: data.tab }),
    ...(step !== null && { step: String(step) }),
    ...(divider !== 0.5 && { divider: rounded(divider) }),
    ...(limit !== 32 && { limit: String(limit) }),
  };
}
