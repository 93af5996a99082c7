// Pushes as they go, and forms that show what they would do while they are filled in. Without this
// script the same pages work by their buttons and by loading them anew.
(() => {
  "use strict";
  const $ = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const PATIENCE = 400; // milliseconds after the last key
  const CHART_EVERY = 5000;
  const WINDOW = 10; // seconds over which the rate is taken

  // --- a campaign as it goes -------------------------------------------------------------------

  const seen = []; // [seconds, ended]
  let chartAt = 0;

  async function look() {
    const live = $("[data-live]");
    const again = live ? Number(live.dataset.again) : 0;
    if (!again) return;
    if (!document.hidden) await ask(live);
    setTimeout(look, Number($("[data-live]")?.dataset.again) || again);
  }

  async function ask(live) {
    try {
      const answer = await fetch(live.dataset.live, { headers: { Accept: "application/json" } });
      if (answer.redirected) return location.reload(); // signed out: nothing stays on the screen
      if (!answer.ok) return;
      show(live, await answer.json());
    } catch (fault) {
      // no connection: asked again after a while
    }
  }

  function show(live, told) {
    if (told.stage !== live.dataset.stage) {
      live.dataset.moved = told.stage;
      return renew();
    }
    Object.assign(told, paced(told));
    live.dataset.again = told.again;
    for (const node of all("[data-say]")) {
      const value = told[node.dataset.say];
      node.textContent = value === "" && node.matches("dd") ? "—" : value;
      if (node.matches("p")) node.hidden = value === "";
    }
    const bar = $("[data-bar]");
    if (bar) bar.value = told.percent;
    for (const body of all("[data-rows]")) {
      const rows = told[body.dataset.rows];
      body.replaceChildren(...(rows.length ? rows : [["没有"]]).map(row));
    }
    draw(told);
  }

  // What leaves now, not on the average since it began.
  function paced(told) {
    const now = performance.now() / 1000;
    seen.push([now, told.ended]);
    while (seen.length > 2 && now - seen[0][0] > WINDOW) seen.shift();
    const [at, before] = seen[0];
    if (now - at < 2 || told.ended === before) return {};
    const rate = (told.ended - before) / (now - at);
    return { rate: rate.toFixed(1), left: told.left && lasting(told.open / rate) };
  }

  function lasting(seconds) {
    if (seconds < 60) return "不到 1 分钟";
    const minutes = Math.round(seconds / 60);
    return minutes < 90 ? `约 ${minutes} 分钟` : `约 ${Math.round(minutes / 60)} 小时`;
  }

  function row(cells) {
    const line = document.createElement("tr");
    for (const cell of cells) line.insertCell().textContent = cell;
    if (cells.length === 1) line.cells[0].colSpan = 4;
    return line;
  }

  function draw(told) {
    const chart = $("[data-chart]");
    if (!chart || Date.now() - chartAt < CHART_EVERY || chart.dataset.at === String(told.ended)) return;
    chartAt = Date.now();
    chart.dataset.at = told.ended;
    chart.src = `${chart.src.split("?")[0]}?at=${told.ended}`;
  }

  // Another stage has other buttons. Who is typing a reason is left in peace.
  async function renew() {
    if (document.activeElement.matches("main input, main select, main textarea")) return;
    const answer = await fetch(location.href.split("#")[0]);
    if (answer.redirected || !answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    seen.length = 0;
    $("meta[name=csrf-token]").content = $("meta[name=csrf-token]", page).content;
    const wasInside = document.activeElement.closest("main");
    $("main").replaceWith(document.adoptNode($("main", page)));
    if (!wasInside) return;
    $("h1").tabIndex = -1; // whoever goes by keyboard is not thrown back to the top
    $("h1").focus();
  }

  // --- forms ------------------------------------------------------------------------------------

  let timer = 0;
  let asked = 0;

  function onInput(event) {
    const form = event.target.closest("form[data-swap]");
    if (!form) return;
    count(event.target);
    clearTimeout(timer);
    timer = setTimeout(() => swap(form), PATIENCE);
  }

  async function swap(form) {
    const mine = ++asked;
    const body = new URLSearchParams(new FormData(form));
    body.append(form.dataset.with, "1");
    try {
      const answer = await fetch(form.action || location.href, { method: "POST", body });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = $(form.dataset.swap, page);
      if (fresh && mine === asked) $(form.dataset.swap).replaceWith(document.adoptNode(fresh));
    } catch (fault) {
      // no connection: the button does the same
    }
  }

  function count(field) {
    const told = $(`[data-count="${CSS.escape(field.name)}"]`);
    if (told) told.textContent = `，已写 ${[...field.value.trim()].length}`;
  }

  document.addEventListener("input", onInput);
  for (const told of all("[data-count]")) count($(`[name="${CSS.escape(told.dataset.count)}"]`));
  if ($("[data-live]")) setTimeout(look, Number($("[data-live]").dataset.again) || 0);
})();
