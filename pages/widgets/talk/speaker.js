// What only the speaker sees, in a window of its own: the notes, the next scene, the time.

import { element } from "../viewer/dom.js";
import { thumbnail } from "./rail.js";

/** @import { Talk } from "./talk.js" */

const STYLE = `
body { margin: 0; padding: 20px 28px; background: #101418; color: #eef2f5; font: 20px/1.4 system-ui, sans-serif; }
main { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 12px 32px; }
header { display: flex; justify-content: space-between; grid-column: 1 / -1; font-size: 34px; font-variant-numeric: tabular-nums; }
h1 { font-size: 26px; margin: 0; } h2 { font-size: 20px; margin: 0 0 8px; color: #9fb0bd; }
.remarks { font-size: 28px; white-space: pre-wrap; margin: 12px 0; } .small { font-size: 16px; color: #9fb0bd; }
.talk-thumb { display: flex; gap: 4px; background: #1a2027; } .talk-thumb img { flex: 1; min-width: 0; width: 0; }
`;

export class Speaker {
  /** @param {Talk} talk */
  constructor(talk) {
    this.talk = talk;
    /** @type {Window | null} */
    this.window = null;
    /** @type {number | undefined} */
    this.timer = undefined;
    this.began = 0;
  }

  open() {
    if (this.window && !this.window.closed) {
      this.window.focus();
      return;
    }
    this.window = window.open("", "", "popup,width=960,height=600");
    if (!this.window) return;
    this.began = Date.now();
    this.window.document.title = "Speaker view";
    this.window.addEventListener("keydown", (event) => this.talk.key(event));
    clearInterval(this.timer);
    this.timer = setInterval(() => this.tick(), 1000);
    this.show();
  }

  close() {
    clearInterval(this.timer);
    this.window?.close();
  }

  /** The scene that is on stage now. */
  show() {
    if (!this.window || this.window.closed) return;
    const { scenes, at } = this.talk;
    const [now, next] = [scenes[at], scenes[at + 1]];
    this.clock = element("span", {});
    this.window.document.body.replaceChildren(element("style", {}, STYLE), element("main", {},
      element("header", {}, element("span", {}, `${at + 1} / ${scenes.length}`), this.clock),
      element("section", {}, element("h1", {}, now.title), element("p", { class: "remarks" }, now.remarks || now.note),
        now.remarks && now.note ? element("p", {}, `On stage: ${now.note}`) : "",
        element("p", { class: "small" }, now.protocol)),
      next ? element("section", {}, element("h2", {}, "Next"), thumbnail(next), element("p", {}, next.title))
        : element("section", {}, element("h2", {}, "This is the last scene"))));
    this.tick();
  }

  tick() {
    if (!this.clock) return;
    const seconds = Math.floor((Date.now() - this.began) / 1000);
    const passed = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    this.clock.textContent = `${passed} · ${time}`;
  }
}
