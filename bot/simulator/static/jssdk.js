// The simulator's stand-in for WeChat's JS-SDK: `wx` and the tag wx-open-subscribe, for a page that
// stands in the phone's browser. Like the real one it does nothing outside of WeChat.
(() => {
  const PHONE = new URL(document.currentScript.src).origin;
  const inWeChat = window.parent !== window;
  const waiting = new Map();
  const state = { ready: [], failed: [], came: "", tags: [], next: 1 };

  function call(name, data) {
    const id = state.next++;
    window.parent.postMessage({ bridge: "wx", id, name, data }, PHONE);
    return new Promise((resolve) => waiting.set(id, resolve));
  }

  window.addEventListener("message", (event) => {
    if (event.origin !== PHONE || event.data?.bridge !== "wx") return;
    waiting.get(event.data.id)?.(event.data.answer);
    waiting.delete(event.data.id);
  });

  async function config(asked) {
    if (!inWeChat) return;
    const url = location.href.split("#")[0];
    const { ok } = await call("config", { ...asked, url });
    state.came = ok ? "ready" : "failed";
    state.tags = ok ? asked.openTagList || [] : [];
    document.querySelectorAll("wx-open-subscribe").forEach((tag) => tag.draw());
    const told = ok ? undefined : { errMsg: "config:fail,Error: invalid signature" };
    for (const hear of ok ? state.ready : state.failed) hear(told);
  }

  class Subscribe extends HTMLElement {
    connectedCallback() {
      this.draw();
    }

    draw() {
      if (!state.tags.includes("wx-open-subscribe") || this.shadowRoot) return;
      const parts = [...this.querySelectorAll('script[type="text/wxtag-template"]')];
      const shadow = this.attachShadow({ mode: "open" });
      shadow.innerHTML = parts.map((part) => part.textContent).join("");
      shadow.addEventListener("click", () => this.ask());
    }

    async ask() {
      const templates = (this.getAttribute("template") || "").split(",").filter(Boolean);
      const { details, error } = await call("subscribe", { templates });
      if (error) return this.tell("error", { errMsg: error });
      const told = Object.entries(details).map(([id, status]) => [id, JSON.stringify({ status })]);
      return this.tell("success", {
        errMsg: "subscribe:ok",
        subscribeDetails: JSON.stringify(Object.fromEntries(told)),
      });
    }

    tell(name, detail) {
      this.dispatchEvent(new CustomEvent(name, { detail }));
    }
  }

  if (inWeChat) {
    customElements.define("wx-open-subscribe", Subscribe);
    document.addEventListener("DOMContentLoaded", () => call("title", { text: document.title }));
  }
  window.wx = {
    config,
    ready: (hear) => (state.came === "ready" ? hear() : state.ready.push(hear)),
    error: (hear) => state.failed.push(hear),
  };
})();
