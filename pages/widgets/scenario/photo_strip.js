// Photos to pick one from, and the whole photo with the frame of the crop, which is dragged.

import { clamp, element, focusBeside } from "../viewer/dom.js";

/**
 * @import { FrontendRendererArgs } from "@streamlit/component-v2-lib"
 * @typedef {{ image?: string, crop_x?: number, crop_y?: number }} Asked
 * @typedef {{
 *   photos: { key: string, label: string, src: string }[], now: string, whole: string,
 *   frame: [number, number], at: [number, number],
 * }} Data `frame` is the crop's share of the photo, `at` its place in the room that is left, both across and down.
 */

const STEP = 0.05;
/** @type {Record<string, [number, number] | undefined>} */
const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

/** @param {FrontendRendererArgs<{ ask: Asked }, Data | null>} component */
export default function ({ parentElement, data, setTriggerValue }) {
  const root = /** @type {HTMLElement | null} */ (parentElement.querySelector(".photos"));
  if (!root || !data) return;
  const { photos, now, whole, frame: [width, height] } = data;
  let [x, y] = data.at;
  const frame = element("div", { class: "frame" });
  const place = () => {
    frame.style.cssText = `left:${100 * x * (1 - width)}%;top:${100 * y * (1 - height)}%;`
      + `width:${100 * width}%;height:${100 * height}%`;
  };
  const tell = () => setTriggerValue("ask", { crop_x: Number(x.toFixed(2)), crop_y: Number(y.toFixed(2)) });
  /** @param {PointerEvent} event */
  const follow = (event) => {
    const box = crop.getBoundingClientRect();
    const across = (event.clientX - box.left) / box.width - width / 2;
    const down = (event.clientY - box.top) / box.height - height / 2;
    x = width < 1 ? clamp(across / (1 - width), 0, 1) : x;
    y = height < 1 ? clamp(down / (1 - height), 0, 1) : y;
    place();
  };
  const crop = element("div", {
    class: "crop", tabindex: 0, role: "application", "aria-label": "Place of the crop: drag the frame, or use the arrow keys",
    onpointerdown: (event) => { crop.setPointerCapture(event.pointerId); follow(event); },
    onpointermove: (event) => crop.hasPointerCapture(event.pointerId) && follow(event),
    onpointerup: tell,
    onkeydown: (event) => {
      const arrow = ARROWS[event.key];
      if (!arrow) return;
      event.preventDefault();
      [x, y] = [clamp(x + arrow[0], 0, 1), clamp(y + arrow[1], 0, 1)];
      place();
      tell();
    },
  }, element("img", { src: whole, alt: "The whole photo", draggable: "false" }), frame);
  const all = element("div", { class: "all", role: "group", "aria-label": "Photos" },
    ...photos.map(({ key, label, src }) => element("button",
      { type: "button", title: label, "aria-label": label, "aria-pressed": String(key === now),
        onclick: () => setTriggerValue("ask", { image: key }) },
      element("img", { src, alt: "" }))));
  place();
  const scrolled = root.querySelector(".all")?.scrollTop ?? 0;
  const focused = focusBeside(root)?.className === "crop";
  root.replaceChildren(crop, all);
  if (focused) crop.focus({ preventScroll: true });
  all.scrollTop = scrolled;
}
