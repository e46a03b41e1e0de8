// Goes to another page of the app as a click on a link would: Streamlit follows the address.

const EMBEDDING = ["embed", "embed_options"];
let last = "";

/** @import { FrontendRendererArgs } from "@streamlit/component-v2-lib" */

/** @param {FrontendRendererArgs<{}, { address: string, visit: string }>} component */
export default function ({ data }) {
  if (data.visit === last) return;
  last = data.visit;
  const address = new URL(data.address, window.location.href);
  const here = new URLSearchParams(window.location.search);
  for (const name of EMBEDDING) {
    for (const value of here.getAll(name)) address.searchParams.append(name, value);
  }
  window.history.pushState({}, "", address);
  window.dispatchEvent(new PopStateEvent("popstate"));
}
