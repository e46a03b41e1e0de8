// The scenes beside the stage, small: clicked they come on stage, dragged they change places, ticked they
// are deleted together.

import { element } from "../viewer/dom.js";

/** @import { Edit, Scene, Talk } from "./talk.js" */

const ENOUGH = 4; // pictures of a thumbnail

/**
 * A scene in small: two halves of what is compared, or its pictures side by side.
 *
 * @param {Scene} scene
 */
export function thumbnail({ payload, figure }) {
  /** @type {(png: string) => HTMLElement} */
  const image = (png) => element("img", { src: `data:image/png;base64,${png}`, alt: "", draggable: "false" });
  if (!payload) return element("span", { class: "talk-thumb" }, image(figure));
  const panels = payload.rows.flatMap((row) => row.panels);
  const { view, a, b } = payload.view;
  const find = (/** @type {string | undefined} */ key) => panels.find((panel) => panel.key === key);
  const [first, second] = [find(a ?? payload.pair[0]), find(b ?? payload.pair[1])];
  const compared = view && view !== "grid" && first && second;
  const shown = !compared ? panels.slice(0, ENOUGH) : view === "large" ? [second] : [first, second];
  return element("span", { class: compared ? "talk-thumb compared" : "talk-thumb" },
    ...shown.map(({ png }) => image(png)));
}

export class Rail {
  /**
   * @param {Talk} talk
   * @param {(edit: Edit) => void} onEdit
   */
  constructor(talk, onEdit) {
    this.talk = talk;
    this.onEdit = onEdit;
    /** @type {Set<number>} */
    this.ticked = new Set();
    /** The place that is dragged. */
    this.dragged = -1;
    this.list = element("ol", {});
    this.remove = element("button", { type: "button", class: "talk-remove", hidden: true,
      onclick: () => onEdit({ remove: [...this.ticked] }) });
    this.node = element("aside", { class: "talk-rail", "aria-label": "Scenes: click, drag to reorder, tick to delete" },
      this.remove, this.list);
  }

  /** After a change of the talk. */
  fill() {
    this.ticked.clear();
    this.list.replaceChildren(...this.talk.scenes.map((scene, place) => this.item(scene, place)));
    this.count();
  }

  /**
   * @param {Scene} scene
   * @param {number} place
   */
  item(scene, place) {
    const tick = element("input", { type: "checkbox", "aria-label": `Tick scene ${place + 1}`,
      onchange: () => {
        if (tick.checked) this.ticked.add(place);
        else this.ticked.delete(place);
        this.count();
      } });
    /** @type {(by: number, label: string, sign: string) => HTMLElement} */
    const mover = (by, label, sign) => element("button", { type: "button", class: "talk-move", title: label,
      "aria-label": label, onclick: () => this.onEdit({ move: [place, place + by] }) }, sign);
    const moves = element("span", { class: "talk-moves" },
      place > 0 ? mover(-1, "Move up", "↑") : "", place + 1 < this.talk.scenes.length ? mover(1, "Move down", "↓") : "");
    const pick = element("button", { type: "button", class: "talk-pick", onclick: () => this.talk.go(place) },
      thumbnail(scene), element("span", { class: "talk-name" }, `${place + 1}. ${scene.title || "Untitled"}`));
    const item = element("li", { draggable: "true",
      ondragstart: (event) => {
        this.dragged = place;
        event.dataTransfer?.setData("text/plain", scene.title);
      },
      ondragover: (event) => {
        if (this.dragged < 0) return;
        event.preventDefault();
        item.dataset.drop = place > this.dragged ? "after" : "before";
      },
      ondragleave: () => delete item.dataset.drop,
      ondrop: (event) => {
        event.preventDefault();
        delete item.dataset.drop;
        if (this.dragged >= 0 && this.dragged !== place) this.onEdit({ move: [this.dragged, place] });
      },
      ondragend: () => {
        this.dragged = -1;
      } }, pick, tick, moves);
    return item;
  }

  count() {
    const { size } = this.ticked;
    this.remove.hidden = size === 0;
    this.remove.textContent = size === 1 ? "Delete 1 scene" : `Delete ${size} scenes`;
  }

  /** The scene on stage is marked, and in sight. */
  show() {
    [...this.list.children].forEach((item, place) => {
      const here = place === this.talk.at;
      item.querySelector(".talk-pick")?.setAttribute("aria-current", String(here));
      if (!(here && item instanceof HTMLElement)) return;
      const { offsetTop, offsetHeight, offsetLeft } = item;
      const { scrollTop, clientHeight } = this.list;
      if (offsetTop < scrollTop || offsetTop + offsetHeight > scrollTop + clientHeight) this.list.scrollTop = offsetTop - 8;
      this.list.scrollLeft = offsetLeft - 8;
    });
  }
}
