// The review by keyboard. Every act is a link or a button of the page itself, found by its
// data-key; without this script the same pages work by Tab, Enter and a load each.
(() => {
  "use strict";
  const $ = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const isShown = (node) => node.getClientRects().length > 0;
  let busy = false;

  // --- keys ----------------------------------------------------------------------------------

  // By the key's place: a Chinese input method leaves a digit its place, whatever it writes.
  function keyOf(event) {
    const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code);
    if (digit) return event.shiftKey ? "" : digit[1];
    return event.code === "NumpadEnter" ? "Enter" : event.key;
  }

  const isTyping = (node) =>
    node.matches("textarea, select, input:not([type=checkbox]):not([type=radio])");

  function onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const key = keyOf(event);
    if (isTyping(event.target) && !/^(F\d+|Escape)$/.test(key)) return;
    if (key === "Enter" && event.target.matches("a[href], button, summary")) return;
    const isTaken = typed(key) || moved(event);
    const control = isTaken ? null : all(`[data-key="${CSS.escape(key)}"]`).find(isShown);
    if (!isTaken && !control) return;
    event.preventDefault();
    if (control && !event.repeat) control.click(); // a key that is held decides once
  }

  // --- from page to page, the pictures staying in memory ---------------------------------------

  async function go(address, body) {
    if (busy) return;
    busy = true;
    try {
      const answer = await fetch(address, body ? { method: "POST", body } : {});
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const isOurs = $("[data-review]", page);
      if (answer.redirected && !isOurs) return location.assign(answer.url); // signed out, perhaps
      if (isOurs && (answer.redirected || !body)) history.pushState(null, "", answer.url);
      show(page);
    } catch (fault) {
      say("没有连上，什么都没有改。请再按一次。");
    } finally {
      busy = false;
    }
  }

  function show(page) {
    document.title = page.title;
    $("meta[name=csrf-token]").content = $("meta[name=csrf-token]", page).content;
    $("main").replaceWith(document.adoptNode($("main", page)));
    scrollTo(0, 0);
    begin();
    $("h1").tabIndex = -1;
    $("h1").focus();
  }

  function say(text) {
    const line = $("#said");
    if (line) Object.assign(line, { textContent: text, hidden: !text });
  }

  function onClick(event) {
    const control = event.target.closest("a[href], button");
    if (!control || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const act = acts[control.dataset.act];
    if (!act && !control.matches("a[data-swap]")) return;
    event.preventDefault();
    if (act) act(control);
    else go(control.href);
  }

  function onSubmit(event) {
    const form = event.target;
    if (!form.matches("[data-swap]")) return;
    event.preventDefault();
    go(form.action, bodyOf(form, event.submitter));
  }

  function bodyOf(form, button) {
    const body = new URLSearchParams(new FormData(form));
    if (button && button.name) body.append(button.name, button.value);
    return body;
  }

  // --- pictures --------------------------------------------------------------------------------

  const kept = new Map(); // address → picture: what is here is not asked for again
  let before = []; // of the case before this: who takes a decision back sees it at once

  function keepPictures() {
    const ahead = $("[data-ahead]");
    if (!ahead) return; // reasons are being chosen: what was loaded ahead is wanted still
    const next = ahead.dataset.ahead.split(" ").filter(Boolean);
    const here = all("main img[data-picture]").map((image) => image.src);
    const wanted = [...here, ...next.map((address) => new URL(address, location.href).href)];
    for (const address of kept.keys()) {
      if (!wanted.includes(address) && !before.includes(address)) kept.delete(address);
    }
    before = here;
    for (const address of wanted) {
      if (kept.has(address)) continue;
      const image = new Image();
      image.src = address;
      kept.set(address, image);
    }
  }

  const views = () => all(".view");
  const current = () => views().findIndex((view) => !view.hidden);

  function look(at) {
    const shown = views();
    if (!shown.length) return;
    const next = at % shown.length;
    shown.forEach((view, number) => { view.hidden = number !== next; });
    all("[data-act=view]").forEach((link, number) => {
      if (number === next) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
    $(".stage").classList.remove("turn-1", "turn-2", "turn-3", "zoom");
    for (const image of all("img[data-src]", shown[next])) {
      image.src = image.dataset.src; // of a batch: asked for when it is opened, not before
      image.removeAttribute("data-src");
    }
    const decoded = all("img", shown[next]).map((image) => image.decode());
    Promise.all(decoded).then(() => opened(shown[next]), () => {});
    drawMarks();
  }

  function opened(view) {
    const counted = $("#opened");
    if (!counted) return;
    view.dataset.opened = "yes";
    const seen = all(".view[data-opened]");
    counted.textContent = `已打开 ${seen.length} 张，共 ${views().length} 张`;
    const tile = $(`[data-tile="${view.dataset.of}"]`);
    const mine = views().filter((other) => other.dataset.of === view.dataset.of);
    if (tile && mine.every((other) => other.dataset.opened)) tile.dataset.done = "yes";
  }

  const acts = {
    view: (link) => look(all("[data-act=view]").indexOf(link)),
    next: () => look(current() + 1),
    turn: () => {
      const stage = $(".stage");
      const turns = [0, 1, 2, 3].find((n) => n && stage.classList.contains(`turn-${n}`)) || 0;
      stage.classList.remove(`turn-${turns}`);
      if (turns < 3) stage.classList.add(`turn-${turns + 1}`);
    },
    zoom: () => {
      const stage = $(".stage");
      if (!stage.classList.toggle("zoom")) return;
      stage.scrollLeft = (stage.scrollWidth - stage.clientWidth) / 2;
      stage.scrollTop = (stage.scrollHeight - stage.clientHeight) / 2;
      stage.focus(); // the arrow keys move what is enlarged
    },
    smaller: () => change((mark) => resized(mark, 0.85)),
    larger: () => change((mark) => resized(mark, 1.15)),
    unmark: () => { setMark(null); preview(); },
  };

  // --- reasons by number -------------------------------------------------------------------------

  let first = ""; // the first of two digits

  function typed(key) {
    if (!$("[data-code]")) return false;
    if (key === "Escape" && first) return waitFor("");
    if (!/^\d$/.test(key)) return false;
    if (!first) return $(`[data-code^="${key}"]`) ? waitFor(key) : false;
    const box = $(`[data-code="${first}${key}"]`);
    if (box) { box.focus(); box.click(); }
    else say(`没有 ${first}${key} 这一条。`);
    return waitFor("");
  }

  function waitFor(digit) {
    first = digit;
    const line = $("#typed");
    line.textContent = digit ? `${digit}＿ 再按一位` : "";
    return true;
  }

  function onChange(event) {
    if (!event.target.matches("[data-code]")) return;
    say("");
    const box = event.target;
    const place = views().findIndex((view) => view.dataset.field === box.dataset.field);
    if (!box.checked) setMark(null, box);
    else if (box.dataset.marks && place >= 0) { active = box; look(place); }
    preview();
  }

  let waiting = 0;
  let previews = 0;

  function preview() {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const form = $("#findings");
      if (!form) return;
      const body = bodyOf(form);
      body.append("preview", "1");
      const asked = ++previews;
      const answer = await fetch(form.action, { method: "POST", body }).catch(() => null);
      if (!answer || asked !== previews) return; // a later choice is on its way
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const [old, fresh] = [$("#preview"), $("#preview", page)];
      if (old && fresh) old.replaceWith(document.adoptNode(fresh));
    }, 120);
  }

  // --- rectangles --------------------------------------------------------------------------------

  let active = null; // the reason that a rectangle belongs to
  const STEP = 0.02; // of the picture's width or height

  const markOf = (box) => all("#findings [name=mark]").find((i) => i.dataset.of === box.value);
  const shotNow = () => { const view = views()[current()]; return view && $(".pic", view); };

  function readMark(input) {
    const [, , shot, figures] = input.value.split(":");
    return { document: shot, box: figures.split(",").map(Number) };
  }

  function setMark(mark, box = active) {
    if (!box) return;
    const old = markOf(box);
    if (old) old.remove();
    if (mark) {
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name: "mark" });
      input.dataset.of = box.value;
      const figures = mark.box.map((n) => n.toFixed(4)).join(",");
      input.value = `${box.value}:${mark.document}:${figures}`;
      $("#findings").append(input);
    }
    drawMarks();
  }

  const within = (n, most) => Math.min(Math.max(n, 0), Math.max(most, 0));

  function keptIn([left, top, width, height]) {
    const [w, h] = [within(width, 1), within(height, 1)];
    return [within(left, 1 - w), within(top, 1 - h), w, h];
  }

  const resized = ([left, top, width, height], by) => {
    const [w, h] = [Math.max(width * by, STEP), Math.max(height * by, STEP)];
    return [left + (width - w) / 2, top + (height - h) / 2, w, h];
  };

  function change(by) {
    const pic = shotNow();
    if (!active || !pic || !isFor(active)) return false;
    const input = markOf(active);
    const here = input && readMark(input);
    const isHere = here && here.document === pic.dataset.document;
    const start = isHere ? here.box : [0.3, 0.3, 0.4, 0.4]; // the first press puts it in the middle
    setMark({ document: pic.dataset.document, box: keptIn(isHere ? by(start) : start) });
    preview();
    return true;
  }

  const isFor = (box) => box.isConnected && views()[current()].dataset.field === box.dataset.field;

  function moved(event) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way || !$("#findings")) return false;
    const [x, y] = way.map((n) => n * STEP);
    return change(([left, top, width, height]) => (event.shiftKey
      ? [left, top, Math.max(width + x, STEP), Math.max(height + y, STEP)]
      : [left + x, top + y, width, height]));
  }

  function drawMarks() {
    for (const frame of all(".mark")) frame.remove();
    const pic = $("#findings") && shotNow();
    if (!pic) return;
    for (const input of all("#findings [name=mark]")) {
      const mark = readMark(input);
      if (mark.document !== pic.dataset.document) continue;
      const frame = document.createElement("div");
      frame.className = active && input.dataset.of === active.value ? "mark active" : "mark";
      const [left, top, width, height] = mark.box.map((n) => `${n * 100}%`);
      Object.assign(frame.style, { left, top, width, height });
      pic.append(frame);
    }
    const line = $("#marking");
    if (line) line.textContent = active && isFor(active) ? `正在框：${active.dataset.label}` : "";
  }

  function onPointer(event) {
    const pic = event.target.closest("#marker .pic");
    if (!pic || !active || !isFor(active) || event.button) return;
    event.preventDefault();
    const { left, top, width, height } = pic.getBoundingClientRect();
    const at = (e) => [(e.clientX - left) / width, (e.clientY - top) / height].map((n) => within(n, 1));
    const from = at(event);
    const draw = (e) => {
      const to = at(e);
      const size = [0, 1].map((n) => Math.max(Math.abs(to[n] - from[n]), STEP));
      const start = [0, 1].map((n) => Math.min(from[n], to[n]));
      setMark({ document: pic.dataset.document, box: keptIn([...start, ...size]) });
    };
    const end = () => {
      removeEventListener("pointermove", draw);
      removeEventListener("pointerup", end);
      preview();
    };
    addEventListener("pointermove", draw);
    addEventListener("pointerup", end);
  }

  // --- the seconds in which a decision can be undone -----------------------------------------------

  let ends = [];

  function countDown() {
    for (const [line, end] of ends) {
      const left = Math.ceil((end - performance.now()) / 1000);
      line.textContent = left > 0 ? `还有 ${left} 秒` : "";
      if (left <= 0 && line.isConnected) line.closest("[data-pending]").hidden = true;
    }
  }

  function begin() {
    first = "";
    const boxes = all("[data-code]:checked").filter((box) => box.dataset.marks);
    active = boxes[boxes.length - 1] || null;
    ends = all("[data-left]").map((line) => [line, performance.now() + 1000 * line.dataset.left]);
    countDown();
    keepPictures();
    if ($("#opened") && views().length) look(Math.max(current(), 0));
    drawMarks();
  }

  addEventListener("keydown", onKey);
  addEventListener("click", onClick);
  addEventListener("submit", onSubmit);
  addEventListener("change", onChange);
  addEventListener("pointerdown", onPointer);
  addEventListener("popstate", () => location.reload());
  setInterval(countDown, 1000);
  begin();
})();
