// What one does with an account besides writing to it: follow, scan its codes, talk to its desk.
import { appOf } from "./apps.js";
import { button, make } from "./nodes.js";

const $ = (id) => document.getElementById(id);

export function accountPanel(actions) {
  $("follow").addEventListener("click", () => actions.event($("follow").dataset.event));
  for (const scene of document.querySelectorAll("[data-scene]")) {
    scene.addEventListener("click", () => actions.scan(scene.dataset.scene));
  }
  $("scan").addEventListener("submit", (event) => {
    event.preventDefault();
    actions.scan($("scene").value.trim());
  });
  $("desk-say").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = $("desk-text").value.trim();
    if (!text) return;
    $("desk-text").value = "";
    actions.desk({ act: "say", text });
  });
  $("desk-open").addEventListener("click", () => actions.desk({ act: "open" }));
  $("desk-close").addEventListener("click", () => actions.desk({ act: "close" }));
  $("enter").addEventListener("click", () => actions.event("enter"));
  $("subscribe").addEventListener("click", () => actions.subscribe());
}

// `feed`: follows (whether this person follows) and desk (who at the desk has the chat, or "").
export function showAccount({ follows = true, desk = "" }, account) {
  const follow = $("follow");
  const { events, name } = appOf(account);
  follow.dataset.event = follows ? events.leave : events.follow;
  follow.textContent = follows ? "取消关注 Unfollow" : "关注 Follow";
  $("following").textContent = follows ? "已关注" : "未关注";
  $("following-part").hidden = account === "wechat_mini";
  $("alipay-part").hidden = name !== "alipay";
  $("desk-part").hidden = name === "alipay";
  $("desk-state").textContent = desk ? `人工客服 ${desk.split("@")[0]} 正在接待` : "没有人在接待，由小助手回答";
  $("desk-say").hidden = !desk;
  $("desk-close").hidden = !desk;
  $("desk-open").hidden = Boolean(desk);
}

// The list of chats: the official account, and the mini program's customer service.
export function showChats(box, chats, open) {
  box.replaceChildren(...chats.map(({ account, title, about, letter, isMini }) => {
    const row = button(isMini ? "chat-entry mini-entry" : "chat-entry", "", () => open(account));
    row.dataset.account = account;
    const face = make("span", "avatar", letter);
    face.setAttribute("aria-hidden", "true");
    const words = make("span", "chat-words");
    words.append(make("b", "", title), make("span", "", about));
    row.append(face, words);
    return row;
  }));
}
