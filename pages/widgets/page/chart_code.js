/** @import { FrontendRendererArgs } from "@streamlit/component-v2-lib" */

const phone = window.matchMedia("(max-width: 640px)"); // where Streamlit's columns stand below each other

/**
 * Say whether the screen is a phone's, and load the code that draws charts (4.7 MB) while nothing else happens,
 * before a page needs it.
 *
 * @param {FrontendRendererArgs<{ phone: boolean }, { file: string, phone: boolean }>} component
 */
export default function ({ data, setStateValue }) {
  phone.onchange = () => setStateValue("phone", phone.matches);
  if (phone.matches !== data.phone) setStateValue("phone", phone.matches);
  const shell = document.querySelector('script[type="module"][src*="/static/js/"]');
  if (!(shell instanceof HTMLScriptElement) || !data.file) return;
  const address = new URL(data.file, shell.src).href;
  const later = window.requestIdleCallback ?? ((/** @type {() => void} */ act) => setTimeout(act, 300));
  later(() => import(address).catch(() => {})); // it is loaded again, and a failure said, when it is needed
}
