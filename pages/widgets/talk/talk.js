// A talk: one scene at a time, title and note above the viewer; the arrow keys step through.
//
//   new Talk(root, {onScene: (place) => …}).update({scenes: [{title, note, caption, payload}], at: 0});
//
// It knows nothing of its page.

import { clamp, element, toolButton } from "../viewer/dom.js";
import { Viewer } from "../viewer/viewer.js";

/** @import { Payload } from "../viewer/payload.js" */

/**
 * @typedef {{ title: string, note: string, caption: string, payload: Payload }} Scene
 * @typedef {{ scenes: Scene[], at?: number }} Scenes
 */

const NEXT = new Set(["ArrowRight", "ArrowDown", "PageDown"]);
const BACK = new Set(["ArrowLeft", "ArrowUp", "PageUp"]);

export class Talk {
  /**
   * @param {HTMLElement} root
   * @param {{ onScene?: (place: number) => void }} options `onScene` is told the place of a scene stepped to.
   */
  constructor(root, { onScene = () => {} } = {}) {
    this.root = root;
    this.onScene = onScene;
    this.at = 0;
    /** @type {Scene[]} */
    this.scenes = [];
    this.title = element("h2", { class: "talk-title", tabindex: "-1" });
    this.note = element("p", { class: "talk-note" });
    this.caption = element("p", { class: "talk-caption" });
    this.count = element("span", { class: "talk-count", "aria-live": "polite" });
    /** @type {(by: number, label: string, sign: string) => HTMLElement} */
    const step = (by, label, sign) =>
      element("button", { type: "button", class: "talk-step", "aria-label": label, title: `${label} (${sign})`,
        onclick: () => this.go(this.at + by) }, sign);
    const whole = toolButton("whole", "Full screen", "F", () => this.toggleScreen());
    this.stage = element("div", { class: "viewer" });
    const head = element("header", {}, element("div", { class: "talk-words" }, this.title, this.note),
      element("nav", { "aria-label": "Scenes" },
        step(-1, "Previous scene", "←"), this.count, step(1, "Next scene", "→"), whole));
    root.replaceChildren(head, this.stage, this.caption);
    this.viewer = new Viewer(this.stage);
    this.onKey = (/** @type {KeyboardEvent} */ event) => this.key(event);
    // Before the viewer, whose arrow keys pick panels.
    root.addEventListener("keydown", this.onKey, true);
  }

  destroy() {
    this.root.removeEventListener("keydown", this.onKey, true);
    this.viewer.destroy();
  }

  /** @param {Scenes} data */
  update({ scenes, at }) {
    this.scenes = scenes;
    this.go(at ?? this.at, false);
  }

  /**
   * @param {number} place
   * @param {boolean} told
   */
  go(place, told = true) {
    if (!this.scenes.length) return;
    this.at = clamp(place, 0, this.scenes.length - 1);
    const { title, note, caption, payload } = this.scenes[this.at];
    this.title.textContent = title;
    this.note.textContent = note;
    this.caption.textContent = caption;
    this.count.textContent = `${this.at + 1} / ${this.scenes.length}`;
    this.stage.style.setProperty("--columns", String(payload.rows[0].panels.length));
    this.root.dataset.scene = String(this.at + 1);
    this.viewer.update({ ...payload, apply: `${this.at} ${payload.version}` });
    if (told) this.onScene(this.at);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.target instanceof Element && event.target.closest("select, input, textarea, dialog")) return;
    const { key } = event;
    if (NEXT.has(key)) this.go(this.at + 1);
    else if (BACK.has(key)) this.go(this.at - 1);
    else if (key === "Home") this.go(0);
    else if (key === "End") this.go(this.scenes.length - 1);
    else if (key === "f" || key === "F") this.toggleScreen();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  toggleScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.root.requestFullscreen?.();
  }
}
