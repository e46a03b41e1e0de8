// Rows of pictures with captions. The default export runs again on every data or theme
// change; it swaps what changed and keeps the nodes, so nothing flashes.

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

// Draws a picture that will be shown `side` CSS pixels wide, with a whole number of canvas
// pixels per picture pixel, so that enlarging stays exact; as many as the screen can show.
async function draw(canvas, source, side) {
  const wanted = Math.ceil(side * window.devicePixelRatio);
  if (canvas.dataset.source === source && Number(canvas.dataset.wanted) === wanted) return;
  canvas.dataset.source = source;
  canvas.dataset.wanted = wanted;
  const image = new Image();
  image.src = source;
  await image.decode();
  if (canvas.dataset.source !== source) return; // a newer picture came meanwhile
  const scale = Math.max(2, Math.ceil(wanted / image.naturalWidth));
  canvas.width = image.naturalWidth * scale;
  canvas.height = image.naturalHeight * scale;
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
}

function buildPanel(open) {
  const figure = element("figure");
  const button = element("button", "picture");
  button.type = "button";
  const canvas = element("canvas");
  button.append(canvas);
  const caption = element("figcaption");
  figure.append(button, caption);
  button.addEventListener("click", () => open(figure));
  return figure;
}

// Returns a promise that is kept when the picture is on the screen.
function fillPanel(figure, panel, bar) {
  figure.panel = panel;
  const button = figure.querySelector("button");
  button.setAttribute("aria-label", `${panel.alt}. Enlarge.`);
  const canvas = figure.querySelector("canvas");
  const drawn = draw(canvas, panel.png, canvas.clientWidth);
  const caption = figure.querySelector("figcaption");
  caption.replaceChildren(element("div", "title", panel.title));
  if (panel.levels) caption.append(element("div", "levels", panel.levels));
  if (panel.figure) caption.append(element("div", "figure", panel.figure));
  if (panel.note) caption.append(element("div", `note ${panel.tone}`, panel.note));
  if (panel.scale) {
    const scale = element("div", "scale");
    const image = element("img");
    image.src = bar;
    image.alt = "";
    scale.append(element("span", "", "0"), image, element("span", "", panel.scale));
    caption.append(scale);
  }
  return drawn;
}

function buildDialog(root) {
  const dialog = element("dialog");
  const canvas = element("canvas");
  const bar = element("div", "bar");
  const label = element("p", "title");
  const close = element("button", "", "Close");
  close.addEventListener("click", () => dialog.close());
  bar.append(label, close);
  const detail = element("p");
  dialog.append(bar, canvas, detail, element("p", "keys", "← → step through the pictures in place, Esc closes"));
  let current = 0;
  const show = (index) => {
    const figures = [...root.querySelectorAll("figure")];
    current = (index + figures.length) % figures.length;
    const panel = figures[current].panel;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", panel.alt);
    const room = Math.min(window.innerWidth - 80, window.innerHeight - 180);
    // A whole multiple of 160, or the room there is on a small screen.
    const side = room >= 160 ? Math.floor(room / 160) * 160 : room;
    dialog.style.setProperty("--enlarged", `${side}px`);
    draw(canvas, panel.png, side);
    label.textContent = panel.title;
    detail.textContent = [panel.levels, panel.figure, panel.note].filter(Boolean).join(" · ") || panel.alt;
  };
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) { event.preventDefault(); show(current + step); }
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.showFigure = (figure) => {
    show([...root.querySelectorAll("figure")].indexOf(figure));
    dialog.showModal();
  };
  return dialog;
}

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".panels");
  if (!root || !data) return;
  let dialog = parentElement.querySelector("dialog");
  if (!dialog) {
    dialog = buildDialog(root);
    parentElement.append(dialog);
  }
  while (root.children.length > data.rows.length) root.lastElementChild.remove();
  const drawn = [];
  data.rows.forEach((row, index) => {
    let section = root.children[index];
    if (!section) {
      section = element("section", "row");
      section.append(element("h3"), element("div", "grid"));
      root.append(section);
    }
    section.firstChild.textContent = row.heading;
    const grid = section.lastChild;
    while (grid.children.length > row.panels.length) grid.lastElementChild.remove();
    row.panels.forEach((panel, place) => {
      const figure = grid.children[place] ?? grid.appendChild(buildPanel(dialog.showFigure));
      drawn.push(fillPanel(figure, panel, data.bar));
    });
  });
  Promise.all(drawn).then(() => { root.dataset.drawn = data.version; });
}
