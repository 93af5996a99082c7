// While an answer is still to come: ask for the page again, and show what is new. Without scripts
// the page asks by itself.
"use strict";

(() => {
  const EVERY = 1500; // milliseconds
  const LONGEST = 40; // times

  const log = () => document.getElementById("log");
  const answer = () => document.getElementById("answer");
  const isWaiting = () => answer().querySelector(".waiting") !== null;
  const isBusy = () => {
    const { activeElement } = document;
    return activeElement && activeElement.matches("input") && activeElement.value !== "";
  };

  function show(page) {
    const last = Number(log().dataset.last);
    const fresh = page.getElementById("log");
    const added = [...fresh.querySelectorAll(".bubble")].filter((b) => Number(b.dataset.number) > last);
    log().querySelector("#new")?.removeAttribute("id");
    log().append(...added.map((bubble) => document.importNode(bubble, true)));
    log().dataset.last = fresh.dataset.last;
    if (!isBusy()) answer().replaceWith(document.importNode(page.getElementById("answer"), true));
    if (added.length) log().lastElementChild.scrollIntoView({ block: "nearest" });
  }

  async function look(times) {
    if (!isWaiting() || times > LONGEST) return;
    try {
      const said = await fetch("/apply", { headers: { Accept: "text/html" } });
      if (said.ok) show(new DOMParser().parseFromString(await said.text(), "text/html"));
    } catch {
      // The network is away: the next look may find it.
    }
    setTimeout(look, EVERY, times + 1);
  }

  setTimeout(look, EVERY, 1);
})();
