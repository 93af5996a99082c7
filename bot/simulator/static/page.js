// The phone: what it sends, and what it shows of the feed.
import { accountPanel, showAccount, showChats } from "./account.js";
import { appOf, appSwitch, dress, pressAlipay } from "./apps.js";
import { keepAtEnd, reset, showMessages } from "./chat.js";
import { showChips } from "./chips.js";
import { menuBar } from "./menubar.js";
import { banner, openPicture, toast } from "./overlays.js";
import { showCast, showSms } from "./panels.js";
import { closeSheets, isAnythingOpen, listenToTools, openPanel, toggleTools } from "./sheets.js";
import { ask, webView } from "./webview.js";
import { feed, load, post, send, sendPicture } from "./wire.js";

const $ = (id) => document.getElementById(id);
const say = $("say");
const asked = new URLSearchParams(location.search);
const state = {
  account: ["wechat_mini", "alipay"].find((name) => name === asked.get("account")) || "wechat",
  user: valid(asked.get("user")) || valid(localStorage.getItem("user")) || newName(),
  users: [], waiting: 0, feed: null, smsSeen: null,
  known: { subscriptions: {}, mini: false, alipay: null },
};

function valid(name) {
  return /^[\w-]{1,128}$/.test(name || "") ? name : "";
}

// The person of both apps: a word, from which the simulator makes the ids of each.
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

function sendOther(message) {
  backToInput();
  return deliver(send(state.account, state.user, message));
}

function sendText(text, menuId) {
  return sendOther(menuId ? { type: "text", text, menu_id: menuId } : { type: "text", text });
}

function sendEvent(event, more = {}) {
  return sendOther({ type: "event", event, ...more });
}

function sendFile(blob, name, label) {
  backToInput();
  return deliver(sendPicture(state.account, state.user, blob, name, label));
}

async function sendSample(picture) {
  const file = await fetch(`/simulator/pictures/${picture.file}`);
  return sendFile(await file.blob(), picture.file, picture.label);
}

function scan(scene) {
  if (!scene) return undefined;
  const { follow, scan: again } = appOf(state.account).events;
  return sendEvent(state.feed?.follows === false ? follow : again, { key: scene });
}

// A button of the account's menu.
function press(wanted) {
  if (state.account !== "alipay") return pressWeChat(wanted);
  return pressAlipay(wanted, { event: sendEvent, open: openAny, cannot: (param) => toast(`这里打不开 ${param}`) });
}

function pressWeChat({ type, key = "", url = "", pagepath = "" }) {
  if (type === "view" || type === "miniprogram") {
    const told = type === "view" ? { event: "VIEW", key: url } : { event: "view_miniprogram", key: pagepath };
    deliver(send("wechat", state.user, { type: "event", ...told }));
    return type === "view" ? web.open(url) : openMini(pagepath);
  }
  return sendEvent(type === "click" ? "CLICK" : type, { key });
}

function backToInput() {
  closeSheets();
  toggleTools(false);
  $("banner").hidden = true;
  // Not on touch: focus there would raise the keyboard over the answer.
  const place = $("composer").hidden ? $("log") : say;
  if (matchMedia("(any-hover: hover)").matches) place.focus({ preventScroll: true });
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

function fill(text) {
  if ($("composer").hidden) bar.type();
  say.value = text;
  fitInput();
  backToInput();
}

// --- showing ---------------------------------------------------------------------------------

function draw() {
  const messages = state.feed?.messages || [];
  $("hello").hidden = messages.length > 0;
  // The chips take their room first: the log then scrolls to what is really its end.
  showChips($("chips"), messages, sendText);
  bar.draw(state.account === "wechat_mini" ? null : state.feed?.menu);
  const miniName = $("chat-title").dataset.wechat_mini;
  const actions = { sendText, open: openPicture, openWeb: openAny, openMini, miniName, bare: state.account === "alipay" };
  showMessages($("log"), messages, state.waiting > 0, actions);
  showAccount(state.feed || {}, state.account);
  const title = $("chat-title");
  title.textContent = state.waiting ? "对方正在输入…" : title.dataset[state.account];
}

function drawSms(messages) {
  showSms($("sms"), messages, sendText);
  const newest = messages.at(-1);
  if (state.smsSeen !== null && newest && newest.id > state.smsSeen) banner(newest, sendText);
  state.smsSeen = newest ? newest.id : 0;
}

function drawUsers(users) {
  const names = [...new Set([...users, state.user])];
  const select = $("user");
  if (names.join() === state.users.join() && select.value === state.user) return;
  state.users = names;
  select.replaceChildren(...names.map((name) => new Option(name, name, false, name === state.user)));
  $("save").href = `/simulator/api/${state.account}/users/${state.user}/transcript`;
}

// --- who and where ---------------------------------------------------------------------------

function show(account, user) {
  Object.assign(state, { account, user, feed: null });
  localStorage.setItem("user", user);
  $("chats").hidden = true;
  $("chats-open").setAttribute("aria-expanded", "false");
  dress(account);
  reset($("log"));
  drawUsers(state.users);
  draw();
  watcher += 1;
  watch(watcher);
}

// A mini program opens; what of it this phone shows is the chat with its customer service.
function openMini(page) {
  if (!state.known.mini) return toast("这部手机上没有小程序");
  show("wechat_mini", state.user);
  return sendEvent("user_enter_tempsession", { key: page });
}

// Another app; the person is the same.
function openApp(app) {
  if (appOf(state.account).name !== app) show(app, state.user);
}

// What a link leads to: a page, or the mini program that asks whether it may send messages.
function openAny(address) {
  if (address.startsWith("alipays://")) return askInAlipay();
  return /^https?:\/\//.test(address) ? web.open(address) : toast(`小程序的页面 ${address}`);
}

async function askInAlipay() {
  const titles = Object.entries(state.known.alipay?.subscriptions || {}).slice(0, 3);
  if (!titles.length) return toast("小程序没有可以订阅的消息");
  const accepted = await ask(titles.map(([id, title]) => ({ id, title })));
  if (!accepted) return undefined;
  const templates = Object.fromEntries(titles.map(([id]) => [id, accepted.has(id)]));
  return deliver(send(state.known.alipay.program, state.user, { type: "subscription", templates }));
}

function toggleChats() {
  const list = $("chats");
  list.hidden = !list.hidden;
  $("chats-open").setAttribute("aria-expanded", String(!list.hidden));
  if (list.hidden) return;
  const { wechat, wechat_mini, alipay } = $("chat-title").dataset;
  const life = { account: "alipay", title: alipay, about: "生活号", letter: "社" };
  const mini = { account: "wechat_mini", title: wechat_mini, about: "小程序客服", letter: "程", isMini: true };
  const official = { account: "wechat", title: wechat, about: "服务号", letter: "社" };
  const inWeChat = [official, ...(state.known.mini ? [mini] : [])];
  showChats(list, state.account === "alipay" ? [life] : inWeChat, (account) => (account === "wechat_mini" && account !== state.account ? openMini("pages/index") : show(account, state.user)));
  list.querySelector("button").focus();
}

// --- the feed --------------------------------------------------------------------------------

let watcher = 0;
async function watch(mine) {
  let seen = -1;
  while (mine === watcher) {
    try {
      const news = await feed(state.account, state.user, seen);
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

// --- WeChat's browser ------------------------------------------------------------------------

const web = webView({
  check: async (page) => (await post("/simulator/api/wechat/jssdk/check", page)).ok,
  titles: (ids) => ids.map((id) => ({ id, title: state.known.subscriptions[id] || id })),
  subscribe: (templates) => send("wechat", state.user, { type: "subscription", templates }),
});
const bar = menuBar($("menubar"), $("composer"), press);

function escape(event) {
  if (event.key !== "Escape") return;
  if (web.close()) return;
  if (!$("chats").hidden) {
    toggleChats();
    $("chats-open").focus();
  } else if (isAnythingOpen()) backToInput();
}

function listen() {
  $("composer").addEventListener("submit", submit);
  say.addEventListener("input", fitInput);
  say.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
  });
  document.querySelector(".skip").addEventListener("click", () => { if ($("composer").hidden) bar.type(); });
  listenToTools((tool) => {
    if (tool === "save") $("save").click();
    if (tool === "sticker") sendOther({ type: "sticker" });
    return ["save", "sticker"].includes(tool);
  });
  document.addEventListener("keydown", escape);
  document.querySelectorAll(".panel .close").forEach((node) => node.addEventListener("click", backToInput));
  $("viewer").addEventListener("click", () => $("viewer").close());
  $("chats-open").addEventListener("click", toggleChats);
  $("account-open").addEventListener("click", () => openPanel("account"));
  $("user").addEventListener("change", (event) => show(state.account, event.target.value));
  $("new-user").addEventListener("click", () => { show(state.account, newName()); say.focus(); });
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

function tick() {
  $("time").textContent = new Date().toTimeString().slice(0, 5);
}

listen();
accountPanel({
  event: sendEvent,
  scan,
  subscribe: askInAlipay,
  desk: (act) => deliver(post(`/simulator/api/${state.account}/users/${state.user}/desk`, act)),
});
keepAtEnd($("log"));
tick();
setInterval(tick, 5000);
state.known = await load("/simulator/api/phone");
if (!state.known[state.account === "alipay" ? "alipay" : "mini"]) state.account = "wechat";
appSwitch(state.known.alipay, asked.has("one"), openApp);
show(state.account, state.user);
showCast(await load("/simulator/api/cast"), { sendSample, sendOther, fill });
