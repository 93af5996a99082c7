// Tells WeChat who we are, shows its button where it may be shown, and says what came of a press.
(() => {
  const sections = [...document.querySelectorAll(".subscribe[data-config]")];
  const show = (section, name) => section.querySelectorAll("[data-state]").forEach((node) => {
    // After a refusal the button stays: whoever changes their mind presses it again.
    const stays = node.dataset.state === "ready" && name === "refused";
    node.hidden = node.dataset.state !== name && !stays;
  });
  const showAll = (name) => sections.forEach((section) => show(section, name));

  function isAccepted(detail) {
    try {
      const told = Object.values(JSON.parse(detail.subscribeDetails || "{}"));
      return told.some((status) => JSON.parse(status).status === "accept");
    } catch {
      return false; // WeChat tells the account what was allowed, whatever it tells the page
    }
  }

  for (const section of sections) {
    const tag = section.querySelector("wx-open-subscribe");
    tag.addEventListener("success", (event) => show(section, isAccepted(event.detail) ? "done" : "refused"));
    tag.addEventListener("error", () => show(section, "refused"));
  }
  if (!window.wx || !sections.length) return;
  const { appId, timestamp, nonceStr, signature } = JSON.parse(sections[0].dataset.config);
  window.wx.config({
    debug: false, appId, timestamp, nonceStr, signature,
    jsApiList: [], openTagList: ["wx-open-subscribe"],
  });
  window.wx.ready(() => showAll("ready"));
  window.wx.error(() => showAll("failed"));
})();
