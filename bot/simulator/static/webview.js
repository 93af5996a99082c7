// WeChat's own browser inside the phone: it shows a page, and answers its JS-SDK over a bridge of
// messages. The stand-in for the SDK is jssdk.js; who is at the phone only this side knows.
import { make } from "./nodes.js";

const $ = (id) => document.getElementById(id);

// `check` asks the platform whether a page's signature is right, `titles` how templates are called,
// `subscribe` tells what the person chose.
export function webView({ check, titles, subscribe }) {
  const box = $("web");
  const frame = $("web-page");
  let before = null;
  let isConfigured = false;

  const calls = {
    async config({ url, timestamp, nonceStr, signature }) {
      isConfigured = await check({ url, timestamp, nonceStr, signature });
      return { ok: isConfigured };
    },
    async subscribe({ templates }) {
      if (!isConfigured) return { error: "config first" };
      const wanted = titles(templates);
      const accepted = await ask(wanted);
      if (!accepted) return { error: "subscribe:fail cancel" };
      await subscribe(Object.fromEntries(templates.map((id) => [id, accepted.has(id)])));
      return { details: Object.fromEntries(templates.map((id) => [id, accepted.has(id) ? "accept" : "reject"])) };
    },
    async title({ text }) {
      $("web-title").textContent = String(text).slice(0, 60);
      return {};
    },
  };

  window.addEventListener("message", async (event) => {
    if (event.source !== frame.contentWindow || event.data?.bridge !== "wx") return;
    const { id, name, data } = event.data;
    const call = Object.hasOwn(calls, name) ? calls[name] : null;
    const answer = call ? await call(data || {}) : { error: "no such call" };
    event.source.postMessage({ bridge: "wx", id, answer }, event.origin);
  });

  function open(address) {
    before = document.activeElement;
    isConfigured = false;
    const url = new URL(address);
    $("web-title").textContent = url.host;
    $("web-out").href = address;
    frame.src = address;
    box.hidden = false;
    $("web-close").focus();
  }

  function close() {
    if (box.hidden) return false;
    box.hidden = true;
    frame.src = "about:blank";
    before?.isConnected && before.focus();
    return true;
  }

  $("web-close").addEventListener("click", close);
  return { open, close };
}

// At the foot of the phone's screen, inside its frame.
function place(dialog, phone) {
  const { left, bottom } = phone.getBoundingClientRect();
  dialog.style.setProperty("--left", `${left + phone.clientLeft}px`);
  dialog.style.setProperty("--width", `${phone.clientWidth}px`);
  dialog.style.setProperty("--bottom", `${innerHeight - bottom + phone.clientTop}px`);
}

// The pop-up that asks for messages: the templates that are ticked, or null for 取消.
export function ask(wanted) {
  const dialog = $("ask");
  $("ask-list").replaceChildren(...wanted.map(({ id, title }) => {
    const row = make("label", "ask-row");
    const tick = make("input");
    tick.type = "checkbox";
    tick.checked = true;
    tick.value = id;
    row.append(make("span", "", title), tick);
    return row;
  }));
  dialog.returnValue = "";
  place(dialog, document.querySelector(".phone"));
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const ticked = [...dialog.querySelectorAll("input:checked")].map((tick) => tick.value);
      resolve({ allow: new Set(ticked), refuse: new Set() }[dialog.returnValue] || null);
    }, { once: true });
  });
}
