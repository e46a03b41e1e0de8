// Hands on what the exhibit asks of the whole page: its own element may stand in a fragment, whose
// questions would wait until that is done.

import { ASK } from "./asking.js";

/**
 * @import { FrontendRendererArgs } from "@streamlit/component-v2-lib"
 * @import { Asked } from "./payload.js"
 */

/** @type {(asked: Asked) => void} */
let tell = () => {};
window.addEventListener(ASK, (event) => tell(/** @type {CustomEvent<Asked>} */ (event).detail));

/** @param {FrontendRendererArgs<{ ask: Asked }, {}>} component */
export default function ({ setTriggerValue }) {
  tell = (asked) => setTriggerValue("ask", asked);
}
