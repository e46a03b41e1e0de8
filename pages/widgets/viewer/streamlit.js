// The only file here that knows Streamlit. The default export runs again on every data or theme change.

import { ASK } from "./asking.js";
import { Viewer } from "./viewer.js";

/**
 * @import { FrontendRendererArgs } from "@streamlit/component-v2-lib"
 * @import { Payload, ViewQuery } from "./payload.js"
 */

/**
 * @typedef {HTMLElement & { viewer?: Viewer, send: (query: ViewQuery) => void, more: (version: string) => void, sent?: string }} Root the element
 *   that Streamlit keeps; `sent` is what it was told last.
 */

/** @param {FrontendRendererArgs<{ view: ViewQuery, more: string }, Payload | null>} component */
export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  const root = /** @type {Root | null} */ (parentElement.querySelector(".viewer"));
  if (!root || !data) return undefined;
  root.viewer ??= new Viewer(root, { onView: (query) => root.send(query), onMore: (version) => root.more(version),
    onAsk: (asked) => window.dispatchEvent(new CustomEvent(ASK, { detail: asked })) });
  root.more = (version) => setTriggerValue("more", version);
  root.send = (query) => {
    const text = JSON.stringify(query);
    if (text === root.sent) return;
    root.sent = text;
    setStateValue("view", query);
  };
  root.viewer.update(data);
  return () => {
    root.viewer?.destroy();
    delete root.viewer;
  };
}
