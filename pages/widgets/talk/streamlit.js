// The only file here that knows Streamlit.

import { Talk } from "./talk.js";

/**
 * @import { FrontendRendererArgs } from "@streamlit/component-v2-lib"
 * @import { Edit, Scenes } from "./talk.js"
 */

/**
 * @typedef {HTMLElement & { talk?: Talk, onKey: (event: KeyboardEvent) => void, version?: string, turn?: number }} Root
 *   the element that Streamlit keeps; `version` of the data is on stage, which at its last `turn` said where.
 */

// These step from anywhere on the page, so that a talk can begin without a click; the others do while nothing
// has the focus, but for those that scroll the page.
const FROM_ANYWHERE = new Set(["ArrowLeft", "ArrowRight", "PageUp", "PageDown"]);
const SCROLLING = new Set(["ArrowUp", "ArrowDown", "Home", "End"]);
const THEIR_OWN =
  "input, textarea, select, [contenteditable], [role=dialog], [role=listbox], [role=menu], [role=slider]";

/**
 * @param {Root} root
 * @param {KeyboardEvent} event
 */
function pageKey(root, event) {
  const path = event.composedPath();
  if (path.includes(root) || event.defaultPrevented) return;
  if (!FROM_ANYWHERE.has(event.key) && (event.target !== document.body || SCROLLING.has(event.key))) return;
  if (!path.some((node) => node instanceof Element && node.matches(THEIR_OWN))) root.talk?.key(event);
}

/** @param {FrontendRendererArgs<{ scene: number, edit: Edit }, (Scenes & { version: string, turn: number }) | null>} component */
export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  const root = /** @type {Root | null} */ (parentElement.querySelector(".talk"));
  if (!root || !data) return undefined;
  if (!root.talk) {
    root.talk = new Talk(root, {
      onScene: (place) => setStateValue("scene", place), onEdit: (edit) => setTriggerValue("edit", edit),
    });
    root.onKey = (event) => pageKey(root, event);
    document.addEventListener("keydown", root.onKey);
  }
  if (root.version !== data.version) {
    root.version = data.version;
    root.talk.update({ scenes: data.scenes, at: data.turn === root.turn ? undefined : data.at });
    root.turn = data.turn;
  }
  return () => {
    document.removeEventListener("keydown", root.onKey);
    root.talk?.destroy();
    delete root.talk;
    delete root.version;
    delete root.turn;
  };
}
