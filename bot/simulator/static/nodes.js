// Making nodes. Texts are never parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";

export function make(name, className = "", text = "") {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text) node.textContent = text;
  if (name === "button") node.type = "button";
  return node;
}

export function button(className, text, onClick) {
  const node = make("button", className, text);
  node.addEventListener("click", onClick);
  return node;
}

export function drawing(viewBox, className = "") {
  const node = document.createElementNS(SVG, "svg");
  node.setAttribute("viewBox", viewBox);
  node.setAttribute("aria-hidden", "true");
  if (className) node.setAttribute("class", className);
  return node;
}

export function shape(path, attributes = {}) {
  const node = document.createElementNS(SVG, "path");
  node.setAttribute("d", path);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}
