// A talk: one scene at a time, title and note above what it shows; the arrow keys step through.
//
//   new Talk(root, {onScene: (place) => …, onEdit: (edit) => …}).update({scenes: […], at: 0});
//
// It knows nothing of its page. Without `onEdit` nothing of it can be changed, as in an exported file.

import { clamp, element, toolButton } from "../viewer/dom.js";
import { Viewer } from "../viewer/viewer.js";
import { Rail } from "./rail.js";
import { Speaker } from "./speaker.js";

/** @import { Payload } from "../viewer/payload.js" */

/**
 * @typedef {{ title: string, note: string, remarks: string }} Words
 * @typedef {Words & { caption: string, protocol: string, payload: Payload | null, figure: string }} Scene
 *   `figure` is a PNG as base64, in place of pictures.
 * @typedef {{ scenes: Scene[], at?: number }} Scenes
 * @typedef {{ move: [number, number] } | { remove: number[] } | { change: [number, Partial<Words>] }} Edit
 *   a scene from one place to another; scenes at places taken out; new words for one.
 */

const NEXT = new Set(["ArrowRight", "ArrowDown", "PageDown"]);
const BACK = new Set(["ArrowLeft", "ArrowUp", "PageUp"]);
const TYPING = "select, input, textarea, dialog, [contenteditable]";

export class Talk {
  /**
   * @param {HTMLElement} root
   * @param {{ onScene?: (place: number) => void, onEdit?: (edit: Edit) => void }} options `onScene` is told the
   *   place of a scene stepped to, `onEdit` what a person wants to be changed.
   */
  constructor(root, { onScene = () => {}, onEdit } = {}) {
    this.root = root;
    this.onScene = onScene;
    this.onEdit = onEdit;
    this.at = 0;
    /** @type {Scene[]} */
    this.scenes = [];
    this.title = this.words("h2", "title", "Title");
    this.note = this.words("p", "note", "Write what the audience reads");
    this.remarks = this.words("p", "remarks", "Notes that only the speaker sees");
    this.caption = element("p", { class: "talk-caption" });
    this.protocol = element("p", { class: "talk-protocol" });
    this.count = element("span", { class: "talk-count", "aria-live": "polite" });
    /** @type {(by: number, label: string, sign: string) => HTMLElement} */
    const step = (by, label, sign) =>
      element("button", { type: "button", class: "talk-step", "aria-label": label, title: `${label} (${sign})`,
        onclick: () => this.go(this.at + by) }, sign);
    this.speaker = new Speaker(this);
    this.stage = element("div", { class: "viewer staged" });
    this.figure = element("img", { class: "talk-figure", hidden: true });
    const head = element("header", {}, element("div", { class: "talk-words" }, this.title, this.note),
      element("nav", { "aria-label": "Scenes" },
        step(-1, "Previous scene", "←"), this.count, step(1, "Next scene", "→"),
        toolButton("notes", "Speaker view in a window of its own", "N", () => this.speaker.open()),
        toolButton("whole", "Full screen", "F", () => this.toggleScreen())));
    this.rail = onEdit && new Rail(this, onEdit);
    root.replaceChildren(...(this.rail ? [this.rail.node] : []),
      element("div", { class: "talk-main" }, head, this.stage, this.figure, this.caption,
        ...(onEdit ? [this.remarks, this.protocol] : [])));
    this.viewer = new Viewer(this.stage);
    this.onKey = (/** @type {KeyboardEvent} */ event) => this.key(event);
    // Before the viewer, whose arrow keys pick panels.
    root.addEventListener("keydown", this.onKey, true);
  }

  destroy() {
    this.root.removeEventListener("keydown", this.onKey, true);
    this.speaker.close();
    this.viewer.destroy();
  }

  /**
   * A line of words that is changed where it stands.
   *
   * @param {"h2" | "p"} tag
   * @param {keyof Words} name
   * @param {string} hint
   */
  words(tag, name, hint) {
    const { onEdit } = this;
    const node = element(tag, { class: `talk-${name}`, tabindex: onEdit ? 0 : -1, "data-hint": hint,
      ...(onEdit && { contenteditable: "plaintext-only", role: "textbox", "aria-label": hint }),
      onkeydown: (event) => {
        if (event.key === "Escape") node.textContent = this.scenes[this.at][name];
        if (event.key !== "Escape" && event.key !== "Enter") return;
        event.preventDefault();
        node.blur();
      },
      onblur: () => {
        const text = node.textContent.trim();
        if (this.scenes.length && text !== this.scenes[this.at][name]) onEdit?.({ change: [this.at, { [name]: text }] });
      } });
    return node;
  }

  /** @param {Scenes} data */
  update({ scenes, at }) {
    this.scenes = scenes;
    this.rail?.fill();
    this.go(at ?? this.at, false);
  }

  /**
   * @param {number} place
   * @param {boolean} told
   */
  go(place, told = true) {
    if (!this.scenes.length) return;
    const focused = /** @type {DocumentOrShadowRoot & Node} */ (this.root.getRootNode()).activeElement;
    if (focused instanceof HTMLElement && focused.isContentEditable) focused.blur(); // its words belong to the scene that is left
    this.at = clamp(place, 0, this.scenes.length - 1);
    const { title, note, remarks, caption, protocol, payload, figure } = this.scenes[this.at];
    this.title.textContent = title;
    this.note.textContent = note;
    this.remarks.textContent = remarks;
    this.caption.textContent = caption;
    this.protocol.textContent = protocol;
    this.count.textContent = `${this.at + 1} / ${this.scenes.length}`;
    this.root.dataset.scene = String(this.at + 1);
    this.stage.hidden = !payload;
    this.figure.hidden = Boolean(payload);
    if (payload) {
      this.stage.style.setProperty("--columns", String(payload.rows[0].panels.length));
      this.viewer.film.stop();
      this.viewer.plays = false;
      const shown = this.scenes[this.at];
      const apply = `${this.at} ${payload.version} ${JSON.stringify(payload.view)}`;
      this.viewer.update({ ...payload, apply }).then(() => {
        // A film that waits at its first step is there to be played.
        const plays = payload.film && payload.view.step === "0" && this.scenes[this.at] === shown;
        if (plays && !matchMedia("(prefers-reduced-motion: reduce)").matches) this.viewer.film.play();
      });
    } else {
      this.figure.src = `data:image/png;base64,${figure}`;
      this.figure.alt = title;
    }
    this.rail?.show();
    this.speaker.show();
    if (told) this.onScene(this.at);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const { key, target } = event;
    if (target instanceof Element && target.closest(TYPING)) return;
    if (NEXT.has(key)) this.go(this.at + 1);
    else if (BACK.has(key)) this.go(this.at - 1);
    else if (key === "Home") this.go(0);
    else if (key === "End") this.go(this.scenes.length - 1);
    else if (key === "f" || key === "F") this.toggleScreen();
    else if (key === "n" || key === "N") this.speaker.open();
    else if (key === "b" || key === ".") this.root.classList.toggle("blank");
    else if (key === " " && !(target instanceof Element && target.closest("button"))) this.play();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** What moves is played or stopped; where nothing does, the next scene comes. */
  play() {
    const { film, view } = this.viewer;
    const payload = this.scenes[this.at]?.payload;
    if (payload?.film) film.toggle();
    else if (payload && view.mode === "flicker") this.viewer.playFlicker();
    else this.go(this.at + 1);
  }

  toggleScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.root.requestFullscreen?.();
  }
}
