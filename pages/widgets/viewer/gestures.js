// Wheel, drag, pinch and rectangle on a surface; every one moves the view that all panels share.

import { held, zoomedAround } from "./camera.js";
import { clamp } from "./dom.js";

export function attachGestures(surface, target, viewer) {
  const fingers = new Map();
  let drag = null;

  const spread = () => {
    const [one, two] = [...fingers.values()];
    return {
      distance: Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY),
      clientX: (one.clientX + two.clientX) / 2,
      clientY: (one.clientY + two.clientY) / 2,
    };
  };

  const begin = (event) => {
    const divides = viewer.divides(surface, event);
    const outlines = event.shiftKey || viewer.outlining;
    return {
      kind: outlines ? "region" : divides ? "divide" : viewer.loupe && event.pointerType === "touch" ? "loupe" : "pan",
      from: surface.point(event),
      start: surface.pixelAt(event, true),
      camera: { ...viewer.view.camera },
      scale: surface.placed.scale,
      moved: false,
    };
  };

  target.addEventListener("pointerdown", (event) => {
    if (event.button || !surface.picture) return;
    target.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, event);
    if (fingers.size === 2) drag = { kind: "pinch", camera: { ...viewer.view.camera }, at: spread(), moved: true };
    else if (fingers.size === 1) drag = begin(event);
  });

  target.addEventListener("pointermove", (event) => {
    if (!surface.picture) return;
    if (!drag) {
      if (event.pointerType !== "touch") viewer.hover(surface.pixelAt(event));
      return;
    }
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, event);
    const at = surface.point(event);
    if (drag.kind === "pinch") {
      const now = spread();
      const camera = zoomedAround(
        surface.pixels, surface.picture, viewer.view.camera, surface.point(now),
        drag.camera.zoom * (now.distance / drag.at.distance), surface.options,
      );
      viewer.move(camera);
      return;
    }
    if (!drag.moved && Math.hypot(at.x - drag.from.x, at.y - drag.from.y) < 4 * surface.ratio) return;
    drag.moved = true;
    if (drag.kind === "region") viewer.outline(rectangle(drag.start, surface.pixelAt(event, true)));
    else if (drag.kind === "divide") viewer.divide(at.x / surface.pixels.width);
    else if (drag.kind === "loupe") viewer.hover(surface.pixelAt(event));
    else if (viewer.view.camera.zoom > 1) {
      viewer.move(held(surface.pixels, surface.picture, {
        zoom: drag.camera.zoom,
        x: drag.camera.x - (at.x - drag.from.x) / drag.scale / surface.picture.width,
        y: drag.camera.y - (at.y - drag.from.y) / drag.scale / surface.picture.height,
      }, surface.options));
    }
  });

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
    if (!surface.picture || !viewer.takesWheel(surface, event)) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    // A notch of a wheel is about 100; a trackpad's pinch sends small steps with ctrlKey.
    const power = (-event.deltaY * lines * (event.ctrlKey && Math.abs(event.deltaY) < 40 ? 0.01 : 0.0022));
    viewer.move(zoomedAround(
      surface.pixels, surface.picture, viewer.view.camera, surface.point(event),
      viewer.view.camera.zoom * Math.exp(clamp(power, -1, 1)), surface.options,
    ));
  }, { passive: false });

  target.addEventListener("dblclick", (event) => {
    event.preventDefault();
    viewer.doubleClicked(surface);
  });
}

// Both corners' pixels included: left, top, right, bottom, the last two excluded.
function rectangle(one, two) {
  return [
    Math.min(one.x, two.x), Math.min(one.y, two.y), Math.max(one.x, two.x) + 1, Math.max(one.y, two.y) + 1,
  ];
}
