// The chat log: one node a message, appended as they come. Texts are never parsed as HTML.
import { cardOf, isNotice } from "./cards.js";
import { button, drawing, make, shape } from "./nodes.js";

const LINK = /<a href="([^"]{1,2000})">([^<]{1,200})<\/a>/g;
const FOOTER = /^\d{1,2} [^·]+( · \d{1,2} [^·]+)+$/;
const MENU = "weixin://bizmsgmenu?";
const STAMP_GAP = 5 * 60 * 1000;
const SYSTEM = ["event", "transfer"];
const BY_THE_PERSON = /^(关注|取消|允许|拒绝|进入)/;
const BARE = /(?:https?|alipays):\/\/[!-~]{1,2000}/g;
const IN_WORDS = /^[\u4e00-\u9fff]/;

export function showMessages(log, messages, waiting, actions) {
  const shown = Number(log.dataset.last || 0);
  const user = messages[0]?.id;
  if (log.dataset.first !== String(user)) reset(log, user);
  const atEnd = isAtEnd(log);
  const fresh = messages.filter((message) => message.id > Number(log.dataset.last || 0));
  log.querySelector(".waiting")?.remove();
  for (const message of fresh) append(log, message, messages, actions, shown > 0);
  const last = messages.at(-1);
  if (waiting && last?.from === "user") log.append(typing());
  if (fresh.length || atEnd || shown === 0) log.scrollTop = log.scrollHeight;
}

// What stands at the end stays in sight when the keyboard, the tools or a picture take room.
export function keepAtEnd(log) {
  let pinned = true;
  log.addEventListener("scroll", () => { pinned = isAtEnd(log); });
  new ResizeObserver(() => { if (pinned) log.scrollTop = log.scrollHeight; }).observe(log);
}

function isAtEnd(log) {
  return log.scrollHeight - log.scrollTop - log.clientHeight < 120;
}

export function reset(log, first = "") {
  log.querySelectorAll(".message, .stamp, .system, .card-row").forEach((node) => node.remove());
  log.dataset.first = String(first);
  log.dataset.last = "0";
}

function append(log, message, messages, actions, isNews) {
  const before = messages[messages.indexOf(message) - 1];
  const at = new Date(message.at);
  if (!before || at - new Date(before.at) > STAMP_GAP) log.append(make("p", "stamp", clockWords(at)));
  log.dataset.last = String(message.id);
  if (SYSTEM.includes(message.kind)) {
    // Presses of the menu and the like leave no mark in a chat.
    const words = BY_THE_PERSON.test(message.text) ? `您${message.text}` : message.text;
    if (IN_WORDS.test(message.text)) log.append(make("p", "system", words));
    return;
  }
  const card = cardOf(message, actions);
  const row = isNotice(message) ? make("div", "card-row") : personRow(message);
  row.dataset.kind = message.kind;
  row.dataset.via = message.via;
  // What comes by itself, after the answer to what was sent, is seen to come.
  if (isNews && message.from === "bot" && message.via !== "passive") row.classList.add("arrived");
  row.append(card || bubble(message, actions));
  log.append(row);
}

function personRow(message) {
  const row = make("div", `message ${message.from}`);
  const isDesk = message.via === "desk";
  if (isDesk) row.classList.add("desk");
  const avatar = make("span", "avatar", message.from === "bot" ? (isDesk ? "客" : "社") : "我");
  avatar.setAttribute("aria-hidden", "true");
  const who = { bot: isDesk ? "人工客服：" : "小助手：", user: "我：" }[message.from];
  row.append(avatar, make("span", "visually-hidden", who));
  return row;
}

function bubble(message, actions) {
  const box = make("div", "bubble");
  const bare = { image: picture, location: place, sticker: face }[message.kind];
  if (bare) {
    box.classList.add("bare");
    box.append(bare(message, actions));
  } else if (message.kind === "voice") {
    box.append(...voice(message));
  } else if (message.kind === "menu") {
    box.append(...menu(message, actions));
  } else {
    if (message.kind === "fault") box.classList.add("fault");
    fillText(box, message.raw || message.text, actions);
  }
  return box;
}

// A msgmenu: the options are links, each a line of its own.
function menu(message, actions) {
  const options = [...message.options];
  const lines = message.text.split("\n").map((line) => {
    const at = options.findIndex(({ label }) => label === line);
    if (at < 0) return [line];
    const [{ key, label }] = options.splice(at, 1);
    return [choice(label, () => actions.sendText(label, key))];
  });
  return lines.flatMap((line, index) => (index ? ["\n", ...line] : line));
}

function choice(words, onClick) {
  return button("inline", words, onClick);
}

function fillText(box, text, actions) {
  const lines = text.split("\n");
  const foot = lines.length > 1 && FOOTER.test(lines.at(-1)) ? lines.pop() : "";
  const body = lines.join("\n");
  let from = 0;
  // Alipay knows no markup: what it makes a link of is an address as it stands.
  for (const link of body.matchAll(actions.bare ? BARE : LINK)) {
    box.append(body.slice(from, link.index), linked(link[1] || link[0], link[2] || link[0], actions));
    from = link.index + link[0].length;
  }
  box.append(body.slice(from));
  if (foot) box.append("\n", make("span", "tail", foot));
}

function linked(address, label, actions) {
  if (address.startsWith(MENU)) {
    const asked = new URLSearchParams(address.slice(MENU.length));
    const said = asked.get("msgmenucontent") || label;
    return choice(label, () => actions.sendText(said, asked.get("msgmenuid")));
  }
  if (!/^(https?|alipays):\/\//.test(address)) return document.createTextNode(label);
  const anchor = make("a", "", label);
  anchor.href = address;
  anchor.rel = "noopener noreferrer";
  anchor.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    actions.openWeb(address);
  });
  return anchor;
}

function picture(message, actions) {
  const shot = button("shot", "", () => actions.open(message.media));
  shot.setAttribute("aria-label", `看大图：${message.text || "图片"}`);
  const image = document.createElement("img");
  image.src = message.media;
  image.alt = message.text || "图片";
  image.addEventListener("load", () => {
    const log = shot.closest(".log");
    if (log && log.scrollHeight - log.scrollTop - log.clientHeight < 400) log.scrollTop = log.scrollHeight;
  });
  shot.append(image);
  return shot;
}

function place(message) {
  const box = make("span", "place");
  box.append(make("b", "", message.text));
  const map = drawing("0 0 210 88");
  for (const [path, stroke, width] of [
    ["M0 62h210M0 22h210M52 0v88M150 0v88", "#fff", 7],
    ["M0 80 210 8", "#f6e3a8", 9],
  ]) map.append(shape(path, { stroke, "stroke-width": width, fill: "none" }));
  map.append(shape("M105 60c12-14 17-21 17-29a17 17 0 1 0-34 0c0 8 5 15 17 29z", { fill: "#07a35a" }));
  map.append(shape("M105 25a6 6 0 1 0 .1 0z", { fill: "#fff" }));
  box.append(map);
  return box;
}

function face() {
  const drawn = drawing("0 0 64 64", "face");
  drawn.removeAttribute("aria-hidden");
  drawn.setAttribute("role", "img");
  drawn.setAttribute("aria-label", "表情");
  drawn.append(shape("M32 4a28 28 0 1 0 .1 0z", { fill: "#ffd64f" }));
  drawn.append(shape("M20 26v3M44 26v3M19 40c6 9 20 9 26 0", { fill: "none", stroke: "#5b4300", "stroke-width": 4, "stroke-linecap": "round" }));
  return drawn;
}

function voice(message) {
  const line = make("span", "heard");
  const waves = drawing("0 0 24 24");
  waves.append(shape("M7 10.500a3 3 0 0 1 0 3M11 8a7 7 0 0 1 0 8M15 5.500a11 11 0 0 1 0 13"));
  line.append(waves, "语音");
  return message.text ? [line, make("span", "heard-text", message.text)] : [line];
}

function typing() {
  const row = make("div", "message bot waiting");
  row.setAttribute("aria-hidden", "true");
  const box = make("div", "bubble");
  const dots = make("span", "typing");
  dots.append(make("i"), make("i"), make("i"));
  box.append(dots);
  row.append(make("span", "avatar", "社"), box);
  return row;
}

function clockWords(at) {
  const time = at.toTimeString().slice(0, 5);
  const isToday = at.toDateString() === new Date().toDateString();
  return isToday ? time : `${at.getMonth() + 1}月${at.getDate()}日 ${time}`;
}
