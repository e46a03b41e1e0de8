// Keys, while the focus is inside the viewer.

import { origin } from "./dom.js";

/**
 * @import { Mode } from "./link.js"
 * @import { Viewer } from "./viewer.js"
 */

/** @typedef {() => unknown} Act */

/** @type {Record<string, [number, number] | undefined>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @param {Viewer} viewer
 * @param {KeyboardEvent} event
 */
export function onKey(viewer, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !viewer.data) return;
  if (origin(event).closest("select, input") && event.key !== "Escape") return;
  const act = action(viewer, event);
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

/**
 * @param {Viewer} viewer
 * @param {KeyboardEvent} event
 * @returns {Act | null | undefined}
 */
function action(viewer, event) {
  const { key, shiftKey } = event;
  const arrow = ARROWS[key];
  if (arrow) return () => onArrow(viewer, ...arrow, shiftKey);
  const panels = viewer.pickable;
  const digit = /^Digit([1-9])$/.exec(event.code)?.[1] ?? (/^[1-9]$/.test(key) ? key : "");
  if (digit) return () => viewer.pick(panels[Number(digit) - 1], shiftKey ? "a" : "b");
  const at = origin(event);
  const onPicture = at.closest(".picture, .view, .thumb");
  const onButton = at.closest("button") && !onPicture;
  if (key === "Enter" && !onButton) {
    if (viewer.outlining) return () => (viewer.view.region ? viewer.outlined() : viewer.toggleOutlining());
    return at.closest(".picture") ? () => enlarge(viewer) : null;
  }
  if (key === " " && !onButton) {
    if (viewer.view.mode === "flicker") return () => viewer.playFlicker();
    return viewer.exhibit ? () => viewer.film.toggle() : null;
  }
  if (key === "Escape") return escape(viewer);
  /** @type {Record<string, Act | undefined>} */
  const acts = {
    g: () => (viewer.exhibit ? toStage(viewer, "side") : backToGrid(viewer)),
    e: () => enlarge(viewer),
    s: () => toStage(viewer, "swipe"),
    k: () => toStage(viewer, "flicker"),
    d: () => toStage(viewer, "difference"),
    x: () => viewer.exchange(),
    t: () => viewer.view.mode === "flicker" && viewer.flip(),
    "[": () => viewer.film.by(-1),
    "]": () => viewer.film.by(1),
    "+": () => viewer.zoomBy(1.5),
    "=": () => viewer.zoomBy(1.5),
    "-": () => viewer.zoomBy(1 / 1.5),
    0: () => viewer.reset(),
    l: () => viewer.toggleLoupe(),
    r: () => {
      viewer.toggleOutlining();
      if (viewer.outlining && !viewer.view.region) viewer.outlineBy(0, 0, false);
    },
    f: () => viewer.toggleScreen(),
    Delete: () => viewer.clearRegion(),
    Backspace: () => viewer.clearRegion(),
    "?": () => viewer.help.showModal(),
  };
  return acts[key];
}

/**
 * @param {Viewer} viewer
 * @param {number} right
 * @param {number} down
 * @param {boolean} shift
 */
function onArrow(viewer, right, down, shift) {
  const { pickable, view } = viewer;
  if (viewer.outlining) viewer.outlineBy(right, down, shift);
  else if (viewer.loupe) viewer.moveLoupe(right * (shift ? 10 : 1), down * (shift ? 10 : 1));
  else if (shift) viewer.panBy(right, down);
  else if (viewer.onStage) {
    const next = pickable.indexOf(view.b) + (right || down);
    viewer.pick(pickable[(next + pickable.length) % pickable.length]);
  } else viewer.pick(viewer.grid.beside(view.b, right, down));
}

/**
 * @param {Viewer} viewer
 * @param {Mode} mode
 */
function toStage(viewer, mode) {
  viewer.set({ mode });
  viewer.stage.view.focus({ preventScroll: true });
}

/** @param {Viewer} viewer */
function enlarge(viewer) {
  toStage(viewer, "large");
}

/** @param {Viewer} viewer */
function backToGrid(viewer) {
  viewer.set({ mode: "grid" });
  viewer.grid.focus(viewer.view.b);
}

/**
 * @param {Viewer} viewer
 * @returns {Act | null}
 */
function escape(viewer) {
  if (viewer.outlining) return () => viewer.clearRegion();
  if (viewer.loupe) return () => viewer.toggleLoupe();
  return viewer.onStage && !viewer.exhibit ? () => backToGrid(viewer) : null;
}
