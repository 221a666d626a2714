// Results swap in place. Without this file, or htmx, every link and form of the page works as it stands.
(() => {
  "use strict";
  // Markup is made of one text alone: the answer that htmx just got from the register, letter for letter (trusted types).
  let answer = null;
  window.trustedTypes?.createPolicy("default", {
    createHTML: (text) => {
      if (text !== answer) throw new TypeError("This is no answer of the register.");
      return text;
    },
  });

  const said = () => document.getElementById("said");
  const region = () => document.getElementById("search");

  document.addEventListener("htmx:beforeRequest", () => {
    region()?.setAttribute("aria-busy", "true");
    if (said()) said().textContent = "Updating results";
  });

  // An answer that is no search page (signed out, forbidden, out of order) is opened as a page of its own.
  document.addEventListener("htmx:beforeSwap", (event) => {
    answer = event.detail.xhr.responseText;
    if (!event.detail.xhr.responseText.includes('id="search"')) {
      event.detail.shouldSwap = false;
      window.location.assign(event.detail.xhr.responseURL || window.location.href);
    }
  });

  document.addEventListener("htmx:afterSettle", () => {
    answer = null;
    region()?.removeAttribute("aria-busy");
    const heading = document.querySelector("#search .govuk-error-summary") || document.getElementById("results-heading");
    if (!heading) return;
    heading.setAttribute("tabindex", "-1");
    heading.focus();
    const count = document.getElementById("count");
    if (said()) said().textContent = count ? count.textContent.replace(/\s+/g, " ").trim() : heading.textContent.trim();
  });

  document.addEventListener("htmx:sendError", () => {
    region()?.removeAttribute("aria-busy");
    if (said()) said().textContent = "The register could not be reached. What is shown is as it was.";
  });
})();
