const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);
const lightbox = one("#lightbox"), films = one(".films"), inspector = one("#inspector");

// The page's own light or dark, else the system's.
one("#theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});

// A joint is one thing in three places: ring, table cell, close-up. Hovering lights it, a click opens the close-up.
const light = (key, on) => all(`[data-key="${CSS.escape(key)}"]`).forEach((each) => each.classList.toggle("lit", on));
let chosen = null;
for (const each of all("[data-key]")) {
  const key = each.dataset.key;
  each.addEventListener("pointerenter", () => light(key, true));
  each.addEventListener("pointerleave", () => key !== chosen && light(key, false));
  each.addEventListener("click", (event) => choose(key, event.clientX > innerWidth / 2));
  each.addEventListener("keydown", (event) => event.key === "Enter" && choose(key));
}

// On the side where it does not cover what was clicked.
function choose(key, toTheLeft = false) {
  if (!inspector) return;
  inspector.classList.toggle("left", toTheLeft);
  if (chosen) light(chosen, false);
  chosen = chosen === key ? null : key;
  inspector.hidden = !chosen;
  if (!chosen) return;
  light(key, true);
  const { title, film, code, confidence, readings } = DETAILS[key];
  const slot = (name) => one(`[data-slot="${name}"]`, inspector);
  slot("film").textContent = film;
  slot("title").textContent = title;
  slot("confidence").textContent = confidence == null ? ""
    : SAID.confidence.replace("{percent}", Math.round(100 * confidence));
  slot("readings").replaceChildren(...readings.map(measure));
  closeUp(code, one(`.ring[data-key="${CSS.escape(key)}"]`));
}

function measure({ site, kind, score, expected, maximum, probabilities, why }) {
  const block = document.createElement("div"), line = document.createElement("p"), name = document.createElement("span");
  block.className = "measure";
  name.textContent = `${site}: ${kind}`;
  const value = document.createElement("b");
  value.textContent = score == null ? SAID.none : `${expected.toFixed(1)} / ${maximum}`;
  line.append(name, value);
  block.append(line);
  if (score == null) {
    const reason = document.createElement("p");
    reason.className = "caution";
    reason.textContent = why;
    block.append(reason);
    return block;
  }
  const odds = document.createElement("div");
  odds.className = "odds";
  const grade = (maximum / (probabilities.length - 1)) || 1;
  probabilities.forEach((share, index) => {
    const column = document.createElement("div"), bar = document.createElement("i");
    bar.style.setProperty("--p", share);
    column.title = `${(100 * share).toFixed(0)} %`;
    column.className = Math.round(score / grade) === index ? "chosen" : "";
    column.append(bar, String(Math.round(index * grade)));
    odds.append(column);
  });
  block.append(odds);
  return block;
}

function closeUp(code, ring) {
  const view = one("#closeup");
  view.style.display = ring ? "" : "none";
  if (!ring) return;
  const { x, y, r } = ring.dataset, half = 6 * r;
  view.setAttribute("viewBox", `${x - half} ${y - half} ${2 * half} ${2 * half}`);
  one("use", view).setAttribute("href", `#film-${code}`);
  const circle = one("circle", view);
  circle.setAttribute("cx", x);
  circle.setAttribute("cy", y);
  circle.setAttribute("r", 2 * r);
}

// Marks, maps, grey scale.
if (lightbox) {
  for (const box of all("[data-show]")) {
    const show = () => films.classList.toggle(`show-${box.dataset.show}`, box.checked);
    box.addEventListener("change", show);
    show();
  }
  all("[name=layer]").forEach((each) => each.addEventListener("change", () => (lightbox.dataset.layer = each.value)));
  const property = (id, name, value) => {
    const control = one(id);
    control.addEventListener("input", () => document.documentElement.style.setProperty(name, value(control)));
  };
  property("#opacity", "--opacity", (control) => control.value);
  property("#contrast", "--contrast", (control) => control.value);
  property("#invert", "--invert", (control) => Number(control.checked));
  one("#mat").addEventListener("change", (event) => (lightbox.dataset.mat = event.target.checked ? "light" : "dark"));
  one("#whole").addEventListener("change", () => all(".film").forEach(fit));
}

// Large view: wheel zooms at the pointer, dragging moves, Escape closes.
const fit = (film) => film.setAttribute("viewBox", film.dataset[one("#whole").checked ? "whole" : "near"]);
const viewOf = (film) => film.getAttribute("viewBox").split(" ").map(Number);
const large = (film) => film.parentElement.classList.contains("figure-large");

function close() {
  all(".figure-large").forEach((figure) => {
    figure.classList.remove("figure-large");
    fit(one(".film", figure));
  });
}

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && chosen) choose(chosen);
  else if (event.key === "Escape") close();
  if (event.key === "i" && lightbox && !event.ctrlKey && !event.metaKey) one("#invert").click();
});

for (const film of all(".film")) {
  one(".expand", film.parentElement).addEventListener("click", () =>
    large(film) ? close() : film.parentElement.classList.add("figure-large"));
  film.addEventListener("wheel", (event) => {
    if (!large(film)) return;
    event.preventDefault();
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(film.getScreenCTM().inverse());
    const factor = Math.exp(event.deltaY / 500), [x, y, w, h] = viewOf(film);
    const moved = [at.x + (x - at.x) * factor, at.y + (y - at.y) * factor, w * factor, h * factor];
    film.setAttribute("viewBox", moved.join(" "));
  }, { passive: false });
  film.addEventListener("pointermove", (event) => {
    if (!large(film) || !event.buttons) return;
    const scale = film.getScreenCTM().a, [x, y, w, h] = viewOf(film);
    film.setAttribute("viewBox", [x - event.movementX / scale, y - event.movementY / scale, w, h].join(" "));
  });
}
