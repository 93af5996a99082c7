// The tools behind the +, and the panels, which are sheets where the page is the phone.

const $ = (id) => document.getElementById(id);
const PANELS = { voice: "places" };

export function toggleTools(open) {
  $("tools").hidden = !open;
  $("more").setAttribute("aria-expanded", String(open));
}

export function closeSheets() {
  document.querySelectorAll(".panel.open").forEach((panel) => panel.classList.remove("open"));
}

export function isAnythingOpen() {
  return !$("tools").hidden || Boolean(document.querySelector(".panel.open"));
}

export function openPanel(name) {
  closeSheets();
  const panel = $(`panel-${PANELS[name] || name}`);
  panel.classList.add("open");
  panel.scrollIntoView({ block: "nearest" });
  const first = name === "voice" ? $("heard") : panel.querySelector("select, input, button:not(.close), .close");
  (first || panel).focus();
}

// `use` gets the tools that are no panel; true when it took one.
export function listenToTools(use) {
  $("more").addEventListener("click", () => {
    toggleTools($("tools").hidden);
    if (!$("tools").hidden) $("tools").querySelector("button").focus();
  });
  $("tools").addEventListener("click", (event) => {
    const tool = event.target.closest("button")?.dataset.tool;
    if (tool && !use(tool)) openPanel(tool);
  });
}
