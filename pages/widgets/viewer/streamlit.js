// The only file that knows Streamlit. The default export runs again on every data or theme change.

import { Viewer } from "./viewer.js";

export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".viewer");
  if (!root || !data) return undefined;
  root.viewer ??= new Viewer(root, { onView: (view) => root.send(view) });
  root.send = (view) => {
    const text = JSON.stringify(view);
    if (text === root.sent) return;
    root.sent = text;
    setStateValue("view", view);
  };
  root.viewer.update(data);
  return () => {
    root.viewer?.destroy();
    delete root.viewer;
  };
}
