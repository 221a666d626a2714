// Counts down what is still left of a deadline. The server's words stay right without this file, as of when they were said.
(() => {
  "use strict";
  const read = Date.now();
  const clocks = [...document.querySelectorAll("[data-seconds-left]")];
  if (!clocks.length) return;

  // The same words as days_left in orders/templatetags/order_words.py. The deadline itself is the server's: the days that
  // it leaves out are in it already.
  function words(seconds) {
    if (seconds <= 0) return "the time is up: load this page again";
    const hours = Math.floor(seconds / 3600);
    if (hours >= 48) return `${Math.floor(hours / 24)} days left`;
    return `${hours} h ${Math.floor((seconds % 3600) / 60)} min left`;
  }

  function show() {
    const gone = (Date.now() - read) / 1000;
    for (const clock of clocks) {
      const now = words(Number(clock.dataset.secondsLeft) - gone);
      if (clock.textContent !== now) clock.textContent = now;
    }
  }

  setInterval(show, 30000);
  document.addEventListener("visibilitychange", show);
})();
