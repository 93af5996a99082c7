// The phone: what it sends, and what it shows of the feed.
import { feed, load, send, sendPicture } from "./wire.js";
import { keepAtEnd, showMessages } from "./chat.js";
import { showChips } from "./chips.js";
import { showCast, showSms } from "./panels.js";

const $ = (id) => document.getElementById(id);
const say = $("say");
const state = { user: firstUser(), users: [], waiting: 0, feed: null, smsSeen: null };

function firstUser() {
  const asked = new URLSearchParams(location.search).get("user");
  return valid(asked) || valid(localStorage.getItem("user")) || newName();
}

function valid(name) {
  return /^[\w-]{1,128}$/.test(name || "") ? name : "";
}

function newName() {
  const letters = crypto.getRandomValues(new Uint8Array(5));
  return "o_" + [...letters].map((n) => (n % 36).toString(36)).join("");
}

// --- sending ---------------------------------------------------------------------------------

async function deliver(sending) {
  state.waiting += 1;
  draw();
  try {
    await sending;
  } catch (error) {
    toast(`没有发出去 ${error.message}`);
  } finally {
    state.waiting -= 1;
    draw();
  }
}

function sendText(text, menuId) {
  const message = { type: "text", text };
  if (menuId) message.menu_id = menuId;
  backToInput();
  return deliver(send(state.user, message));
}

function sendOther(message) {
  backToInput();
  return deliver(send(state.user, message));
}

function sendFile(blob, name, label) {
  backToInput();
  return deliver(sendPicture(state.user, blob, name, label));
}

async function sendSample(picture) {
  const file = await fetch(`/simulator/pictures/${picture.file}`);
  return sendFile(await file.blob(), picture.file, picture.label);
}

function backToInput() {
  closeSheets();
  toggleTools(false);
  $("banner").hidden = true;
  // Not on touch: focus there would raise the keyboard over the answer.
  if (matchMedia("(any-hover: hover)").matches) say.focus({ preventScroll: true });
}

function submit(event) {
  event?.preventDefault();
  const text = say.value;
  if (!text.trim()) return;
  say.value = "";
  fitInput();
  sendText(text);
}

function fitInput() {
  say.style.height = "auto";
  say.style.height = `${say.scrollHeight}px`;
  $("composer").classList.toggle("ready", Boolean(say.value.trim()));
}

// --- showing ---------------------------------------------------------------------------------

function draw() {
  const messages = state.feed?.messages || [];
  $("hello").hidden = messages.length > 0;
  // The chips take their room first: the log then scrolls to what is really its end.
  showChips($("chips"), messages, sendText);
  showMessages($("log"), messages, state.waiting > 0, { sendText, open: openPicture });
  const title = $("chat-title");
  title.textContent = state.waiting ? "对方正在输入…" : title.dataset.title;
}

function drawSms(messages) {
  showSms($("sms"), messages, sendText);
  const newest = messages.at(-1);
  if (state.smsSeen !== null && newest && newest.id > state.smsSeen) banner(newest);
  state.smsSeen = newest ? newest.id : 0;
}

let bannerTimer = 0;
function banner(sms) {
  const box = $("banner");
  box.replaceChildren();
  const from = document.createElement("b");
  from.textContent = `短信 · ${sms.phone}`;
  const text = document.createElement("p");
  text.textContent = sms.text;
  box.append(from, text);
  if (sms.code) {
    const use = document.createElement("button");
    use.type = "button";
    use.className = "use";
    use.textContent = `发送 ${sms.code}`;
    use.addEventListener("click", () => {
      box.hidden = true;
      sendText(sms.code);
    });
    box.append(use);
  }
  box.hidden = false;
  clearTimeout(bannerTimer);
  bannerTimer = setTimeout(() => { box.hidden = !box.contains(document.activeElement); }, 8000);
}

function drawUsers(users) {
  const names = [...new Set([...users, state.user])];
  const select = $("user");
  if (names.join() === state.users.join() && select.value === state.user) return;
  state.users = names;
  select.replaceChildren(...names.map((name) => new Option(name, name, false, name === state.user)));
  $("save").href = `/simulator/api/wechat/users/${state.user}/transcript`;
}

function openPicture(source) {
  const viewer = $("viewer");
  viewer.querySelector("img").src = source;
  viewer.showModal();
}

let toastTimer = 0;
function toast(text) {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $("toast").hidden = true; }, 4000);
}

// --- sheets and tools ------------------------------------------------------------------------

function toggleTools(open) {
  $("tools").hidden = !open;
  $("more").setAttribute("aria-expanded", String(open));
}

function closeSheets() {
  document.querySelectorAll(".panel.open").forEach((panel) => panel.classList.remove("open"));
}

function openTool(name) {
  if (name === "save") return $("save").click();
  if (name === "sticker") return sendOther({ type: "sticker" });
  closeSheets();
  const panel = $(`panel-${name === "voice" ? "places" : name}`);
  panel.classList.add("open");
  panel.scrollIntoView({ block: "nearest" });
  const first = name === "voice" ? $("heard") : panel.querySelector("select, button:not(.close), .close");
  (first || panel).focus();
}

function useUser(name) {
  state.user = name;
  state.feed = null;
  localStorage.setItem("user", name);
  $("log").querySelectorAll(".message, .stamp, .system").forEach((node) => node.remove());
  drawUsers(state.users);
  draw();
  watcher += 1;
  watch(watcher);
}

// --- the feed --------------------------------------------------------------------------------

let watcher = 0;
async function watch(mine) {
  let seen = -1;
  while (mine === watcher) {
    try {
      const news = await feed(state.user, seen);
      if (mine !== watcher) return;
      seen = news.seen;
      state.feed = news;
      drawUsers(news.users);
      drawSms(news.sms);
      draw();
    } catch {
      await new Promise((resume) => setTimeout(resume, 1000));
    }
  }
}

function listen() {
  $("composer").addEventListener("submit", submit);
  say.addEventListener("input", fitInput);
  say.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
  });
  $("more").addEventListener("click", () => {
    toggleTools($("tools").hidden);
    if (!$("tools").hidden) $("tools").querySelector("button").focus();
  });
  $("tools").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) openTool(button.dataset.tool);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && (!$("tools").hidden || document.querySelector(".panel.open"))) backToInput();
  });
  document.querySelectorAll(".panel .close").forEach((button) => button.addEventListener("click", backToInput));
  $("viewer").addEventListener("click", () => $("viewer").close());
  $("user").addEventListener("change", (event) => useUser(event.target.value));
  $("new-user").addEventListener("click", () => { useUser(newName()); say.focus(); });
  $("upload").addEventListener("change", (event) => {
    const [file] = event.target.files;
    if (file) sendFile(file, file.name, "");
    event.target.value = "";
  });
  $("voice").addEventListener("submit", (event) => {
    event.preventDefault();
    sendOther({ type: "voice", recognition: $("heard").value || null });
    $("heard").value = "";
  });
}

function fill(text) {
  say.value = text;
  fitInput();
  backToInput();
}

function tick() {
  $("time").textContent = new Date().toTimeString().slice(0, 5);
}

listen();
keepAtEnd($("log"));
tick();
setInterval(tick, 5000);
useUser(state.user);
showCast(await load("/simulator/api/cast"), { sendSample, sendOther, fill });
