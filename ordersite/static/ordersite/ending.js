// Warns before a session ends and lets it go on. Reads the seconds left from the dialog; asks the server for new ones.
"use strict";

(function () {
  const dialog = document.getElementById("ending");
  if (!dialog || typeof dialog.showModal !== "function") return;
  const warn = Number(dialog.dataset.warn);
  let read = Date.now();
  let idle = Number(dialog.dataset.idle);
  let latest = Number(dialog.dataset.latest);
  let told = "";
  const form = dialog.querySelector("form");

  function words(seconds) {
    const minutes = Math.ceil(seconds / 60);
    return minutes > 1 ? minutes + " minutes" : "less than a minute";
  }

  function show(which, seconds) {
    for (const text of dialog.querySelectorAll("[data-text]")) text.hidden = text.dataset.text !== which;
    for (const place of dialog.querySelectorAll("[data-left]")) place.textContent = words(seconds);
    form.querySelector("button").textContent = which === "idle" ? "Stay signed in" : "Go on for now";
    if (told !== which) {
      told = which;
      if (!dialog.open) dialog.showModal();
      dialog.querySelector("h2").focus();
    }
  }

  function typed() {
    return [...document.querySelectorAll("main input:not([type=hidden]), main textarea")].some(
      (field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked,
    );
  }

  function look() {
    const gone = (Date.now() - read) / 1000;
    const left = Math.min(idle, latest) - gone;
    if (left <= 0) {
      // The page may show people's data, so it goes. With something typed it stays: sent now, it is kept and offered.
      if (typed()) dialog.close();
      else window.location.assign(dialog.dataset.out);
      return;
    }
    if (left <= warn && !(told === "latest" && !dialog.open)) show(latest <= idle ? "latest" : "idle", left);
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    const body = new FormData(form);
    fetch(dialog.dataset.stay, { method: "POST", body: body, headers: { Accept: "application/json" } })
      .then(function (answer) {
        if (!answer.ok || answer.redirected) throw new Error("signed out");
        return answer.json();
      })
      .then(function (left) {
        read = Date.now();
        idle = left.idle;
        if (told !== "latest") told = "";
        latest = left.latest;
        dialog.close();
      })
      .catch(function () {
        window.location.assign(dialog.dataset.out);
      });
  });
  setInterval(look, 5000);
  look();
})();
