/** @import { FrontendRendererArgs } from "@streamlit/component-v2-lib" */

/**
 * Load the code that draws charts (4.7 MB) while nothing else happens, before a page needs it.
 *
 * @param {FrontendRendererArgs<{}, { file: string }>} component
 */
export default function ({ data }) {
  const shell = document.querySelector('script[type="module"][src*="/static/js/"]');
  if (!(shell instanceof HTMLScriptElement) || !data.file) return;
  const address = new URL(data.file, shell.src).href;
  const later = window.requestIdleCallback ?? ((/** @type {() => void} */ act) => setTimeout(act, 300));
  later(() => import(address).catch(() => {})); // it is loaded again, and a failure said, when it is needed
}
