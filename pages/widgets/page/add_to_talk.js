// The button that makes a scene of what a page shows: where the page has no other way to show it again, of a
// picture of it, taken here.

import { element } from "../viewer/dom.js";

/**
 * @import { FrontendRendererArgs } from "@streamlit/component-v2-lib"
 * @typedef {{ png: string, title: string }} Taken
 */

const WIDE = 860; // CSS pixels of a page whose words can be read on a stage
const SHARP = 2; // pixels of the picture for each
const SETTLE = 900; // milliseconds that charts take to fit
const AROUND = 12;

/**
 * The style rules of the page; those of other origins cannot be read, and are none of ours. Fonts are put in,
 * since a picture loads nothing.
 */
async function rules() {
  const text = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).map(({ cssText }) => cssText);
  const fonts = text.filter((rule) => rule.startsWith("@font-face") && /Source Sans(?!.*italic)/.test(rule));
  const loaded = await Promise.all(fonts.map(async (rule) => {
    const address = /url\("?([^")]+)"?\)/.exec(rule)?.[1] ?? "";
    const shell = document.querySelector('link[rel="stylesheet"][href*="/static/"]');
    const blob = await (await fetch(new URL(address, shell instanceof HTMLLinkElement ? shell.href : location.href))).blob();
    return rule.replace(address, await new Promise((done) => {
      const reader = new FileReader();
      reader.onload = () => done(String(reader.result));
      reader.readAsDataURL(blob);
    }));
  }));
  return [...text.filter((rule) => !rule.startsWith("@font-face")), ...loaded].join("\n");
}

/**
 * Elements as one picture, where they stand.
 *
 * @param {HTMLElement[]} shown
 * @returns {Promise<string>} PNG as base64.
 */
async function picture(shown) {
  const boxes = shown.map((each) => each.getBoundingClientRect());
  const [left, top] = [Math.min(...boxes.map((box) => box.left)), Math.min(...boxes.map((box) => box.top))];
  const width = Math.max(...boxes.map((box) => box.right)) - left + 2 * AROUND;
  const height = Math.max(...boxes.map((box) => box.bottom)) - top + 2 * AROUND;
  const page = getComputedStyle(document.querySelector("[data-testid=stApp]") ?? document.body);
  const root = element("div", { style: `position:relative;width:${width}px;height:${height}px;overflow:hidden;`
    + `background:${page.backgroundColor};color:${page.color};font-family:${page.fontFamily};color-scheme:${page.colorScheme}` });
  shown.forEach((each, index) => {
    const copy = /** @type {HTMLElement} */ (each.cloneNode(true));
    const [drawn, blank] = [[...each.querySelectorAll("canvas")], [...copy.querySelectorAll("canvas")]];
    drawn.forEach((canvas, at) => {
      const still = element("img", { src: canvas.toDataURL(), alt: "", style: canvas.style.cssText });
      blank[at].replaceWith(still);
    });
    for (const extra of copy.querySelectorAll(".modebar-container, [data-testid=stElementToolbar], .hoverlayer")) extra.remove();
    const { left: x, top: y, width: wide, height: high } = boxes[index];
    const place = element("div", { style: `position:absolute;left:${x - left + AROUND}px;top:${y - top + AROUND}px;`
      + `width:${wide}px;height:${high}px;font-size:${getComputedStyle(each).fontSize}` }, copy);
    root.append(place);
  });
  root.prepend(element("style", {}, await rules()));
  const content = new XMLSerializer().serializeToString(root);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width * SHARP}" height="${height * SHARP}" `
    + `viewBox="0 0 ${width} ${height}"><foreignObject width="100%" height="100%">${content}</foreignObject></svg>`;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = element("canvas", { width: Math.round(width * SHARP), height: Math.round(height * SHARP) });
  canvas.getContext("2d")?.drawImage(image, 0, 0);
  return canvas.toDataURL("image/png").split(",")[1];
}

/**
 * What is shown, laid out for a stage for a moment.
 *
 * @param {string[]} selectors the first that finds something says what.
 * @returns {Promise<Taken | null>} null where nothing is shown.
 */
async function take(selectors) {
  const main = /** @type {HTMLElement | null} */ (document.querySelector("[data-testid=stMainBlockContainer]"));
  const selector = selectors.find((each) => main?.querySelector(each));
  if (!main || !selector) return null;
  const before = main.style.cssText;
  main.style.cssText += `;width:${WIDE + 32}px;max-width:none;padding-left:16px;padding-right:16px;`;
  await new Promise((done) => setTimeout(done, SETTLE));
  try {
    const shown = /** @type {HTMLElement[]} */ ([...main.querySelectorAll(selector)]).filter((each) => each.offsetParent);
    const title = main.querySelector("h4, h3")?.textContent ?? "";
    return { png: await picture(shown), title };
  } finally {
    main.style.cssText = before;
  }
}

/** @param {FrontendRendererArgs<{ add: Taken }, { selectors: string[] }>} component */
export default function ({ parentElement, data, setTriggerValue }) {
  const button = /** @type {HTMLButtonElement | null} */ (parentElement.querySelector(".add-to-talk"));
  if (!button) return;
  button.onclick = async () => {
    button.disabled = true;
    try {
      const taken = data.selectors.length ? await take(data.selectors) : { png: "", title: "" };
      setTriggerValue("add", taken ?? { png: "", title: "" });
    } catch (error) {
      console.error(error);
      setTriggerValue("add", { png: "", title: "" });
    } finally {
      button.disabled = false;
    }
  };
}
