// The only file here that knows Streamlit.

import { Talk } from "./talk.js";

/**
 * @import { FrontendRendererArgs } from "@streamlit/component-v2-lib"
 * @import { Scenes } from "./talk.js"
 */

/**
 * @typedef {HTMLElement & { talk?: Talk, onKey: (event: KeyboardEvent) => void, version?: string }} Root the
 *   element that Streamlit keeps; `version` of the data is on stage.
 */

// These step from anywhere on the page, so that a talk can begin without a click; the others belong to
// whatever has the focus, and to the page's own scrolling.
const FROM_ANYWHERE = new Set(["ArrowLeft", "ArrowRight", "PageUp", "PageDown"]);
const THEIR_OWN =
  "input, textarea, select, [contenteditable], [role=dialog], [role=listbox], [role=menu], [role=slider]";

/**
 * @param {Root} root
 * @param {KeyboardEvent} event
 */
function pageKey(root, event) {
  const path = event.composedPath();
  if (path.includes(root) || event.defaultPrevented || !FROM_ANYWHERE.has(event.key)) return;
  if (!path.some((node) => node instanceof Element && node.matches(THEIR_OWN))) root.talk?.key(event);
}

/** @param {FrontendRendererArgs<{ scene: number }, (Scenes & { version: string }) | null>} component */
export default function ({ parentElement, data, setStateValue }) {
  const root = /** @type {Root | null} */ (parentElement.querySelector(".talk"));
  if (!root || !data) return undefined;
  if (!root.talk) {
    root.talk = new Talk(root, { onScene: (place) => setStateValue("scene", place) });
    root.onKey = (event) => pageKey(root, event);
    document.addEventListener("keydown", root.onKey);
  }
  if (root.version !== data.version) {
    root.version = data.version;
    root.talk.update(data);
  }
  return () => {
    document.removeEventListener("keydown", root.onKey);
    root.talk?.destroy();
    delete root.talk;
    delete root.version;
  };
}
