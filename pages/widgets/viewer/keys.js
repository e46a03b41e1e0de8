// Keys, while the focus is inside the viewer.

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function onKey(viewer, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !viewer.data) return;
  const control = event.target.closest("select, input");
  if (control && event.key !== "Escape") return;
  const act = action(viewer, event);
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

function action(viewer, event) {
  const { key, shiftKey } = event;
  if (ARROWS[key]) return () => onArrow(viewer, ...ARROWS[key], shiftKey);
  const digit = /^Digit([1-9])$/.exec(event.code)?.[1] ?? (/^[1-9]$/.test(key) ? key : "");
  if (digit) return () => viewer.pick(viewer.panels[digit - 1]?.key, shiftKey ? "a" : "b");
  const onPicture = event.target.closest(".picture, .view, .thumb");
  const onButton = event.target.closest("button") && !onPicture;
  if (key === "Enter" && !onButton) {
    if (viewer.outlining) return () => (viewer.view.region ? viewer.outlined() : viewer.toggleOutlining());
    return event.target.closest(".picture") ? () => enlarge(viewer) : null;
  }
  if (key === " " && !onButton) {
    if (viewer.view.mode === "flicker") return () => viewer.playFlicker();
    return viewer.data.film ? () => viewer.film.toggle() : null;
  }
  if (key === "Escape") return escape(viewer);
  return {
    g: () => backToGrid(viewer),
    e: () => enlarge(viewer),
    s: () => toStage(viewer, "swipe"),
    k: () => toStage(viewer, "flicker"),
    d: () => toStage(viewer, "difference"),
    x: () => viewer.exchange(),
    t: () => viewer.view.mode === "flicker" && viewer.flip(),
    "[": () => viewer.goTo(viewer.step - 1),
    "]": () => viewer.goTo(viewer.step + 1),
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
  }[key];
}

function onArrow(viewer, right, down, shift) {
  if (viewer.outlining) return viewer.outlineBy(right, down, shift);
  if (viewer.loupe) return viewer.moveLoupe(right * (shift ? 10 : 1), down * (shift ? 10 : 1));
  if (shift) return viewer.panBy(right, down);
  return viewer.pick(viewer.onStage
    ? viewer.panels[(viewer.panels.findIndex(({ key }) => key === viewer.view.b) + (right || down) + viewer.panels.length) % viewer.panels.length].key
    : viewer.grid.beside(viewer.view.b, right, down));
}

function toStage(viewer, mode) {
  viewer.set({ mode });
  viewer.stage.view.focus({ preventScroll: true });
}

function enlarge(viewer) {
  toStage(viewer, "large");
}

function backToGrid(viewer) {
  viewer.set({ mode: "grid" });
  viewer.grid.focus(viewer.view.b);
}

function escape(viewer) {
  if (viewer.outlining) return () => viewer.clearRegion();
  if (viewer.loupe) return () => viewer.toggleLoupe();
  return viewer.onStage ? () => backToGrid(viewer) : null;
}
