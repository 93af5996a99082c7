// The two apps of this phone: what following and scanning are called there, and what buttons do.

const WECHAT = {
  name: "wechat",
  menu: "公众号菜单 Menu",
  events: { follow: "subscribe", leave: "unsubscribe", scan: "SCAN" },
  tools: ["photos", "places", "voice", "sticker", "sms", "people", "account", "save"],
};
const ALIPAY = {
  name: "alipay",
  menu: "生活号菜单 Menu",
  events: { follow: "follow", leave: "unfollow", scan: "enter" },
  tools: ["photos", "sms", "people", "account", "save"],
};

export const appOf = (account) => (account === "alipay" ? ALIPAY : WECHAT);

// What is the app's own: colours, tools, the name of the menu.
export function dress(account) {
  const app = appOf(account);
  document.documentElement.dataset.app = app.name;
  document.querySelector(".phone").dataset.account = account;
  document.getElementById("menubar").setAttribute("aria-label", app.menu);
  for (const tool of document.querySelectorAll("[data-tool]")) tool.hidden = !app.tools.includes(tool.dataset.tool);
  document.getElementById("panel-places").hidden = !app.tools.includes("places");
  for (const node of document.querySelectorAll("[data-app-of]")) {
    node.setAttribute("aria-pressed", String(node.dataset.appOf === app.name));
  }
}

// The switch between the apps, where there are two of them and this is not one phone of a pair.
export function appSwitch(known, isOne, open) {
  const bar = document.getElementById("apps");
  bar.hidden = !known || isOne;
  document.querySelector(".phone").classList.toggle("has-apps", !bar.hidden);
  bar.addEventListener("click", (event) => {
    const app = event.target.closest("[data-app-of]")?.dataset.appOf;
    if (app) open(app);
  });
}

// A button of a life account's menu. `acts`: event, open and cannot.
export function pressAlipay({ action_type: type, action_param: param = "" }, acts) {
  if (type === "out") return acts.event("click", { key: param });
  if (type === "link") return acts.open(param);
  return acts.cannot(param);
}
