// What keys and gestures do, in words.

import { element, toolButton } from "./dom.js";

const KEYS = [
  ["1 … 9", "pick a picture; with Shift as A"],
  ["← → ↑ ↓", "pick the next picture"],
  ["Enter", "picked picture large"],
  ["g s k d", "side by side, swipe, flicker, difference"],
  ["x", "exchange A and B"],
  ["t", "flicker: change by hand"],
  ["Space", "play or pause"],
  ["[ ]", "one step back or on in a film"],
  ["+ −", "zoom; wheel and pinch too"],
  ["Shift + arrows", "move the picture; dragging too"],
  ["0", "whole picture; a double click too"],
  ["l", "loupe with pixel values; arrows move it"],
  ["r", "region: drag, or arrows and Enter; Shift + drag too"],
  ["Delete", "remove the region"],
  ["f", "full screen"],
  ["Esc", "back"],
];

export function buildHelp() {
  const rows = KEYS.map(([keys, words]) => element("tr", {},
    element("th", { scope: "row" }, ...keys.split(" ").flatMap((key) =>
      ["…", "+", "arrows"].includes(key) && keys !== "+ −" ? [` ${key} `] : [element("kbd", {}, key), " "])),
    element("td", {}, words)));
  const close = toolButton("close", "Close", "Escape", () => dialog.close());
  const dialog = element("dialog", { class: "help", "aria-label": "Keys of the picture viewer" },
    element("div", { class: "head" }, element("h4", {}, "Keys"), close), element("table", {}, element("tbody", {}, ...rows)));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  return dialog;
}
