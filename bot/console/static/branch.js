// A function key presses what shows it: it focuses a field, follows a link, presses a button.
"use strict";
document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || !/^F\d+$/.test(event.key)) return;
  const wanted = document.querySelector(`[data-key="${event.key}"]`);
  if (!wanted) return;
  event.preventDefault();
  if (wanted.tagName === "INPUT") wanted.select();
  else wanted.click();
});
