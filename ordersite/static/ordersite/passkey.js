// Makes and shows passkeys: asks the server for a challenge, the browser for the answer, and sends it in a hidden field.
"use strict";

(function () {
  if (!window.PublicKeyCredential) return;

  function bytes(text) {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  }

  function text(buffer) {
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function read(options) {
    const found = Object.assign({}, options, { challenge: bytes(options.challenge) });
    if (options.user) found.user = Object.assign({}, options.user, { id: bytes(options.user.id) });
    for (const name of ["excludeCredentials", "allowCredentials"]) {
      if (options[name]) found[name] = options[name].map((one) => Object.assign({}, one, { id: bytes(one.id) }));
    }
    return found;
  }

  function written(credential) {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    }
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response: response,
      clientExtensionResults: {},
    });
  }

  async function answer(form) {
    const sent = new FormData();
    sent.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    const asked = await fetch(form.dataset.options, { method: "POST", body: sent });
    if (!asked.ok) throw new Error("no challenge");
    const options = { publicKey: read((await asked.json()).publicKey) };
    const made = form.dataset.passkey === "make" ? await navigator.credentials.create(options) : await navigator.credentials.get(options);
    form.elements.answer.value = written(made);
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", function (event) {
      if (form.elements.answer.value) return;
      event.preventDefault();
      const problem = form.querySelector("[role=alert]");
      problem.hidden = true;
      answer(form).then(
        () => form.submit(),
        () => {
          problem.textContent = "The browser gave no passkey. Try again, or choose another way.";
          problem.hidden = false;
        },
      );
    });
  }
})();
