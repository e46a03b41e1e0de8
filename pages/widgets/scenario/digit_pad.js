// A pad that turns strokes of a pointer into text: two bytes a point (x, y from 0 to 255) in
// URL-safe base64, a dot between strokes. The default export runs again on every data or theme
// change and must not disturb a stroke that is being drawn.

/** @import { FrontendRendererArgs } from "@streamlit/component-v2-lib" */

/**
 * @typedef {[number, number][]} Stroke x and y of its points
 * @typedef {HTMLElement & { pad?: Pad }} Root the element that Streamlit keeps
 * @typedef {object} Pad
 * @property {HTMLCanvasElement} canvas
 * @property {Stroke[]} strokes
 * @property {HTMLImageElement | null} image a digit that is not made of strokes
 * @property {boolean} mine whether what stands on it was drawn here
 * @property {boolean} drawing
 * @property {Set<string>} sent what was told of it
 * @property {string} [shown] what it was given
 * @property {(text: string) => void} send
 */

const APART = 5; // points of a stroke lie at least so far apart

/** @param {Stroke[]} strokes */
function encode(strokes) {
  /** @type {(stroke: Stroke) => string} */
  const text = (stroke) => btoa(String.fromCharCode(...stroke.flat()));
  return strokes.map((s) => text(s).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")).join(".");
}

/**
 * @param {string} text
 * @returns {Stroke[]}
 */
function decode(text) {
  if (!text) return [];
  return text.split(".").map((part) => {
    const bytes = [...atob(part.replaceAll("-", "+").replaceAll("_", "/"))].map((c) => c.charCodeAt(0));
    return Array.from({ length: bytes.length / 2 }, (_, i) => [bytes[2 * i], bytes[2 * i + 1]]);
  });
}

/** @param {Pad} pad */
function paint(pad) {
  const { canvas, strokes, image } = pad;
  const side = Math.max(1, Math.round(canvas.clientWidth * window.devicePixelRatio));
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.fillStyle = "#000";
  context.fillRect(0, 0, side, side);
  if (image) {
    context.imageSmoothingEnabled = false;
    context.drawImage(image, 0, 0, side, side);
  }
  context.strokeStyle = context.fillStyle = "#fff";
  context.lineWidth = (side * 22) / 255;
  context.lineCap = context.lineJoin = "round";
  for (const stroke of strokes) {
    context.beginPath();
    // A point is a line to itself.
    stroke.concat(stroke.length === 1 ? stroke : []).forEach(([x, y], i) => {
      context[i ? "lineTo" : "moveTo"](((x + 0.5) * side) / 256, ((y + 0.5) * side) / 256);
    });
    context.stroke();
  }
}

/** @param {HTMLElement} root */
function build(root) {
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "Pad: draw a digit from 0 to 9 with mouse, finger or pen");
  const bar = document.createElement("div");
  bar.className = "bar";
  const hint = document.createElement("span");
  hint.textContent = "Draw a digit, 0 to 9";
  const clear = document.createElement("button");
  clear.type = "button";
  clear.textContent = "Clear";
  bar.append(hint, clear);
  root.append(canvas, bar);
  /** @type {Pad} */
  const pad = { canvas, strokes: [], image: null, mine: false, drawing: false, sent: new Set(), send: () => {} };

  /** @type {(event: PointerEvent) => [number, number]} */
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    /** @type {(value: number, from: number, size: number) => number} */
    const whole = (value, from, size) => Math.min(255, Math.max(0, Math.round((256 * (value - from)) / size - 0.5)));
    return [whole(event.clientX, box.left, box.width), whole(event.clientY, box.top, box.height)];
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    if (!pad.mine) Object.assign(pad, { strokes: [], image: null, mine: true });
    pad.drawing = true;
    pad.strokes.push([place(event)]);
    paint(pad);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!pad.drawing) return;
    const stroke = pad.strokes[pad.strokes.length - 1];
    for (const part of event.getCoalescedEvents?.() ?? [event]) {
      const [x, y] = place(part);
      const [u, v] = stroke[stroke.length - 1];
      if (Math.hypot(x - u, y - v) >= APART) stroke.push([x, y]);
    }
    paint(pad);
  });
  const tell = () => {
    const text = encode(pad.strokes);
    pad.sent.add(text);
    pad.send(text);
  };
  const end = () => {
    if (!pad.drawing) return;
    pad.drawing = false;
    tell();
  };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  clear.addEventListener("click", () => {
    Object.assign(pad, { strokes: [], image: null, mine: true, drawing: false });
    paint(pad);
    tell();
  });
  new ResizeObserver(() => paint(pad)).observe(canvas);
  return pad;
}

/** @param {FrontendRendererArgs<{ drawing: string }, { strokes: string, picture: string } | null>} component */
export default function ({ parentElement, data, setTriggerValue }) {
  const root = /** @type {Root | null} */ (parentElement.querySelector(".pad"));
  if (!root || !data) return;
  const pad = (root.pad ??= build(root));
  pad.send = (text) => setTriggerValue("drawing", text);
  const shown = data.strokes + data.picture;
  // What comes back of our own strokes may be older than what stands on the pad.
  if (pad.drawing || pad.sent.has(shown) || pad.shown === shown) return;
  pad.shown = shown;
  pad.sent.clear();
  Object.assign(pad, { strokes: decode(data.strokes), image: null, mine: false });
  if (data.picture) {
    const image = new Image();
    image.onload = () => {
      if (pad.shown !== shown || pad.mine) return;
      pad.image = image;
      paint(pad);
    };
    image.src = data.picture;
  }
  paint(pad);
}
