import { markReady } from "../../static/page.js";

// Swagger UI is a script of the old kind, so it is added as an element, with the nonce of this page.
const nonce = document.querySelector("script[nonce]").nonce;
const place = document.getElementById("api");

function loaded(tag, properties) {
  return new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement(tag), properties, { onload: resolve, onerror: reject });
    element.nonce = nonce;
    document.head.append(element);
  });
}

function followScheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dark.addEventListener("change", apply);
  apply();
}

async function show() {
  followScheme();
  await Promise.all([
    loaded("link", { rel: "stylesheet", href: place.dataset.style }),
    loaded("script", { src: place.dataset.script }),
  ]);
  window.SwaggerUIBundle({
    url: "/openapi.json",
    domNode: place,
    presets: [window.SwaggerUIBundle.presets.apis],
    validatorUrl: null,
    deepLinking: true,
    displayOperationId: false,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    tryItOutEnabled: true,
    onComplete: markReady,
  });
}

show().catch(() => {
  place.replaceChildren(Object.assign(document.createElement("p"), { className: "lead", textContent: "The routes could not be loaded." }));
});
