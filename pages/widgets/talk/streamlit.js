// The only file here that knows Streamlit.

export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".talk");
  if (!root || !data) return undefined;
  root.talk ??= new Talk(root, { onScene: (place) => setStateValue("scene", place) });
  if (root.version !== data.version) {
    root.version = data.version;
    root.talk.update(data);
  }
  return () => {
    root.talk?.destroy();
    delete root.talk;
    delete root.version;
  };
}
