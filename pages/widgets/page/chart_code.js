/** Load the code that draws charts (4.7 MB) while nothing else happens, before a page needs it. */
export default function ({ data }) {
  const shell = document.querySelector('script[type="module"][src*="/static/js/"]');
  if (!shell || !data.file) return;
  const address = new URL(data.file, shell.src).href;
  const later = window.requestIdleCallback ?? ((act) => setTimeout(act, 300));
  later(() => import(address).catch(() => {})); // it is loaded again, and a failure said, when it is needed
}
