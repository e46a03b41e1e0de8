// Wheel, drag, pinch and rectangle on a surface; every one moves the view that all panels share.

import { clamp } from "./dom.js";
import { rectangle } from "./region.js";

/**
 * @import { Camera, Point } from "./camera.js"
 * @import { Surface } from "./surface.js"
 * @import { Viewer } from "./viewer.js"
 */

/**
 * @typedef {{
 *   kind: "region" | "divide" | "loupe" | "pan", from: Point, start: Point, camera: Camera, scale: number,
 *   moved: boolean,
 * }} Drag
 * @typedef {{ kind: "pinch", camera: Camera, distance: number, moved: true }} Pinch
 */

/**
 * @param {Surface} surface
 * @param {HTMLElement} target
 * @param {Viewer} viewer
 */
export function attachGestures(surface, target, viewer) {
  /** @type {Map<number, PointerEvent>} */
  const fingers = new Map();
  /** @type {Drag | Pinch | null} */
  let drag = null;

  const spread = () => {
    const [one, two] = [...fingers.values()];
    return {
      distance: Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY),
      clientX: (one.clientX + two.clientX) / 2,
      clientY: (one.clientY + two.clientY) / 2,
    };
  };

  /** @type {(event: PointerEvent) => Drag["kind"]} */
  const kind = (event) => {
    if (event.shiftKey || viewer.outlining) return "region";
    if (viewer.divides(event)) return "divide";
    return viewer.loupe && event.pointerType === "touch" ? "loupe" : "pan";
  };

  /** @type {(event: PointerEvent) => Drag} */
  const begin = (event) => ({
    kind: kind(event),
    from: surface.point(event),
    start: surface.pixelNear(event),
    camera: { ...viewer.view.camera },
    scale: surface.placed.scale,
    moved: false,
  });

  target.addEventListener("pointerdown", (event) => {
    if (event.button || !surface.picture) return;
    target.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, event);
    if (fingers.size === 2) {
      drag = { kind: "pinch", camera: { ...viewer.view.camera }, distance: spread().distance, moved: true };
    } else if (fingers.size === 1) drag = begin(event);
  });

  target.addEventListener("pointermove", (event) => {
    const { picture } = surface;
    if (!picture) return;
    if (!drag) {
      if (event.pointerType !== "touch") viewer.hover(surface.pixelAt(event));
      return;
    }
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, event);
    if (drag.kind === "pinch") {
      const now = spread();
      viewer.move(surface.zoomedAround(surface.point(now), drag.camera.zoom * (now.distance / drag.distance)));
      return;
    }
    const at = surface.point(event);
    if (!drag.moved && Math.hypot(at.x - drag.from.x, at.y - drag.from.y) < 4 * surface.ratio) return;
    drag.moved = true;
    if (drag.kind === "region") viewer.outline(rectangle(drag.start, surface.pixelNear(event)));
    else if (drag.kind === "divide") viewer.divide(at.x / surface.pixels.width);
    else if (drag.kind === "loupe") viewer.hover(surface.pixelAt(event));
    else if (viewer.view.camera.zoom > 1) {
      viewer.move(surface.held({
        zoom: drag.camera.zoom,
        x: drag.camera.x - (at.x - drag.from.x) / drag.scale / picture.width,
        y: drag.camera.y - (at.y - drag.from.y) / drag.scale / picture.height,
      }));
    }
  });

  /** @param {PointerEvent} event */
  const end = (event) => {
    if (!fingers.delete(event.pointerId) || !drag) return;
    const done = drag;
    drag = fingers.size ? begin([...fingers.values()][0]) : null;
    if (done.kind === "region" && done.moved) viewer.outlined();
    if (done.moved) target.dataset.dragged = "yes";
    else delete target.dataset.dragged;
  };
  target.addEventListener("pointerup", end);
  target.addEventListener("pointercancel", end);
  target.addEventListener("pointerleave", () => drag || viewer.hover(null));

  target.addEventListener("wheel", (event) => {
    if (!surface.picture || !viewer.takesWheel(event)) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    // A notch of a wheel is about 100; a trackpad's pinch sends small steps with ctrlKey.
    const power = -event.deltaY * lines * (event.ctrlKey && Math.abs(event.deltaY) < 40 ? 0.01 : 0.0022);
    const zoom = viewer.view.camera.zoom * Math.exp(clamp(power, -1, 1));
    viewer.move(surface.zoomedAround(surface.point(event), zoom));
  }, { passive: false });

  target.addEventListener("dblclick", (event) => {
    event.preventDefault();
    viewer.doubleClicked();
  });
}
