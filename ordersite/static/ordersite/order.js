// Prints an order and copies its reference. Without this file the browser's own menu does both.
(() => {
  "use strict";
  const tools = document.getElementById("order-tools");
  if (!tools) return;
  tools.hidden = false;
  const said = tools.querySelector("[role=status]");
  tools.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.do === "print") {
      window.print();
      return;
    }
    try {
      await navigator.clipboard.writeText(button.dataset.text);
      said.textContent = `${button.dataset.text} copied.`;
    } catch {
      said.textContent = "The browser does not allow it. Select the reference and copy it.";
    }
  });
})();
