// What a page owes to people who see little, or use no mouse. Each function gives faults in words.
(() => {
  const CONTROLS = "button, a[href], input, textarea, select, summary, [tabindex]";
  const LEAST_CONTRAST = 4.5; // WCAG 2.2, 1.4.3
  const LEAST_TARGET = 24; // CSS pixels, WCAG 2.2, 2.5.8

  const isShown = (node) => node.checkVisibility({ visibilityProperty: true }) && !isClipped(node);
  const isClipped = (node) => node.closest(".visually-hidden") !== null;
  const named = (node) => `<${node.localName} id="${node.id}" class="${node.className}">`;

  function nameOf(node) {
    const ids = (node.getAttribute("aria-labelledby") || "").split(" ").filter(Boolean);
    const spoken = ids.map((id) => document.getElementById(id)?.textContent).join(" ");
    const labels = [...(node.labels || [])].map((label) => label.textContent).join(" ");
    const own = node.matches("input, textarea, select") ? "" : node.textContent;
    return (node.getAttribute("aria-label") || spoken || labels || own || "").trim();
  }

  const unnamed = () => [...document.querySelectorAll(CONTROLS)]
    .filter((node) => node.checkVisibility() && !nameOf(node))
    .map((node) => `no name: ${named(node)}`);

  const withoutAlt = () => [...document.images]
    .filter((image) => !image.hasAttribute("alt")).map((image) => `no alt: ${image.src}`);

  function doubled() {
    const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
    return ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `twice: #${id}`);
  }

  function headings() {
    const levels = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
      .filter((node) => node.checkVisibility()).map((node) => Number(node.localName[1]));
    const isOrdered = levels.every((level, at) => level <= (levels[at - 1] || 0) + 1);
    const isOne = levels.filter((level) => level === 1).length === 1;
    return isOrdered && isOne ? [] : [`headings ${levels}`];
  }

  const small = () => [...document.querySelectorAll("button, select, input, textarea")]
    .filter((node) => isShown(node) && getComputedStyle(node).display !== "inline")
    .filter((node) => Math.min(node.offsetWidth, node.offsetHeight) < LEAST_TARGET)
    .map((node) => `small: ${named(node)} ${node.offsetWidth}×${node.offsetHeight}`);

  // --- colours ---------------------------------------------------------------------------

  function colours(text) {
    return [...text.matchAll(/rgba?\(([^)]+)\)/g)].map(([, inside]) => {
      const [r, g, b, a = 1] = inside.split(/[,/ ]+/).filter(Boolean).map(Number);
      return [r, g, b, a];
    });
  }

  const over = ([r, g, b, a], below) =>
    [[r, 0], [g, 1], [b, 2]].map(([value, at]) => value * a + below[at] * (1 - a));

  // What may be behind a node: one colour, or each end of a gradient.
  function behind(node) {
    if (!node) return [[255, 255, 255]];
    const style = getComputedStyle(node);
    const [plain] = colours(style.backgroundColor);
    const painted = colours(style.backgroundImage);
    if (plain[3] === 1 && !painted.length) return [plain];
    const base = behind(node.parentElement).map((below) => over(plain, below));
    return painted.length
      ? painted.flatMap((colour) => base.map((below) => over(colour, below))) : base;
  }

  function brightness(colour) {
    const [r, g, b] = colour.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function ratio(one, other) {
    const [dark, light] = [brightness(one), brightness(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  }

  function opacity(node) {
    return node ? Number(getComputedStyle(node).opacity) * opacity(node.parentElement) : 1;
  }

  function contrast(node, style) {
    const [[r, g, b, a]] = colours(style.color);
    const ink = [r, g, b, a * opacity(node)];
    return Math.min(...behind(node).map((below) => ratio(over(ink, below), below)));
  }

  function* written() {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode.parentElement;
      const text = walker.currentNode.data.trim();
      if (text && isShown(node)) yield [node, getComputedStyle(node), text];
    }
    for (const node of document.querySelectorAll("[placeholder]")) {
      if (isShown(node)) yield [node, getComputedStyle(node, "::placeholder"), node.placeholder];
    }
  }

  function faint() {
    return [...written()].map(([node, style, text]) => [contrast(node, style), node, text])
      .filter(([found]) => found < LEAST_CONTRAST)
      .map(([found, node, text]) => `${found.toFixed(2)}:1 ${named(node)} ${text.slice(0, 20)}`);
  }

  // --- what the tests call -----------------------------------------------------------------

  const wide = () => document.documentElement.scrollWidth > innerWidth
    ? [`scrolls sideways: ${document.documentElement.scrollWidth} > ${innerWidth}`] : [];

  const spoken = () => [document.documentElement.lang, document.title].every(Boolean)
    ? [] : ["no lang or no title"];

  // Where the keyboard is must be seen: on the screen, marked, and not behind something.
  function focus() {
    const node = document.activeElement;
    const seen = isClipped(node) ? node.closest("label") : node;
    const { left, right, top, bottom } = seen.getBoundingClientRect();
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    const at = document.elementFromPoint(x, y);
    const marks = [seen, ...seen.children].map((part) => getComputedStyle(part))
      .filter((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
    if (node === document.body) return ["focus is nowhere"];
    if (!marks.length) return [`focus is not marked: ${named(node)}`];
    return at && (seen.contains(at) || at.contains(seen)) ? [] : [`focus is hidden: ${named(node)}`];
  }

  const page = () => [
    unnamed, withoutAlt, doubled, headings, small, faint, wide, spoken,
  ].flatMap((check) => check());

  window.audit = { page, focus };
})();
