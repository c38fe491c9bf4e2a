// Search: sections ranked by BM25 as a reader types, in the dialog of every page and on search.html. No server needed.
(() => {
  const SHOWN = { dialog: 8, page: 30 };
  const KIND = { chapter: 1, answers: 1, reference: 0.7, exercise: 0.55 };
  const LAST = new Set(["In short", "Check yourself", "Go further"]); // they say again what is said above
  const IDLE = new Set("a an and are as at be but by do does for from has how i in is it its my of on or that the this to what when which why will with you your".split(" "));
  const GREEK = { α: "alpha", β: "beta", γ: "gamma", δ: "delta", ε: "epsilon", η: "eta", θ: "theta", κ: "kappa", λ: "lambda", μ: "mu", ν: "nu", ξ: "xi", π: "pi", ρ: "rho", σ: "sigma", ς: "sigma", τ: "tau", φ: "phi", χ: "chi", ψ: "psi", ω: "omega" };
  const root = document.documentElement.dataset.content_root;

  // ---- words: "F.huber_loss(σ̂)" is f, huberloss (and huber, loss), sigma
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").replace(/\p{Script=Greek}/gu, (c) => GREEK[c.toLowerCase()] ?? c);
  const stem = (word) => (word.length < 4 ? word : word.replace(/ies$/, "y").replace(/([^sui])s$/, "$1"));

  function* words(text) {
    for (const { 0: raw, index } of text.matchAll(/[\p{L}\p{N}\p{M}_]+/gu)) {
      const parts = plain(raw).match(/\p{Lu}+\d*(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}]+\d*|\d+/gu) ?? [];
      const small = parts.map((part) => stem(part.toLowerCase()));
      if (!small.length) continue;
      yield { word: stem(parts.join("").toLowerCase()), parts: small.length > 1 ? small : [], at: index, end: index + raw.length };
    }
  }

  // ---- the index, made once, when a reader first turns to the search
  let index;
  function build({ sections, same }) {
    const postings = new Map(); // word -> Map(section -> weight)
    const add = (word, i, weight) => {
      if (!postings.has(word)) postings.set(word, new Map());
      const at = postings.get(word);
      at.set(i, (at.get(i) ?? 0) + weight);
    };
    const lengths = sections.map((section, i) => {
      let length = 0;
      const weights = [0, 7, 1, 0, 5, 1]; // address, title, title of the page, kind, phrases, text
      weights.forEach((weight, field) => {
        if (!weight) return;
        for (const { word, parts } of words(section[field])) {
          for (const each of [word, ...parts]) add(each, i, weight);
          length += field === 5;
        }
      });
      return length;
    });
    const sets = sections.map((section) => [section[1], ...section[4].split(" / ")].map((phrase) => [...words(phrase)].map((w) => w.word)));
    const phrases = same.map((group) => group.map((phrase) => [...words(phrase)].map((w) => w.word)));
    const mean = lengths.reduce((a, b) => a + b, 0) / lengths.length;
    index = { sections, postings, lengths, mean, phrases, sets, known: [...postings.keys()] };
  }

  let asked;
  function load() {
    asked ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${root}_static/search_index.js`;
      script.onload = () => resolve(build(window.searchIndex));
      script.onerror = reject;
      document.head.append(script);
    });
    return asked;
  }

  // Is b one letter away from a: another, one more, one less, or two changed round?
  function near(a, b) {
    if (Math.abs(a.length - b.length) > 1 || a === b) return false;
    let i = 0;
    while (i < a.length && a[i] === b[i]) i += 1;
    const [x, y] = [a.slice(i), b.slice(i)];
    return x.slice(1) === y.slice(1) || x === y.slice(1) || x.slice(1) === y || (x[0] === y[1] && x[1] === y[0] && x.slice(2) === y.slice(2));
  }

  // The words of the book that a word of the query may mean: Map(word -> how likely). One that is still typed, or
  // that the book does not have, is read as a beginning; if nothing begins so, as misspelt by a letter.
  function meanings(word, typing) {
    const found = new Map();
    const exact = index.postings.has(word);
    if (exact) found.set(word, 1);
    if ((typing || !exact) && word.length > 1) {
      for (const other of index.known) if (other !== word && other.startsWith(word)) found.set(other, (exact ? 0.5 : 0.8) * Math.sqrt(word.length / other.length));
    }
    if (!found.size && word.length > 3) for (const other of index.known) if (near(word, other)) found.set(other, 0.6);
    return found;
  }

  const contains = (list, part) => part.length && list.some((_, i) => part.every((word, j) => list[i + j] === word));

  function search(query) {
    const typed = [...words(query.slice(0, 200))].slice(0, 12);
    const useful = typed.filter(({ word }) => !IDLE.has(word));
    const wanted = (useful.length ? useful : typed).flatMap(({ word, parts }, i, all) => {
      const typing = i === all.length - 1;
      const whole = meanings(word, typing);
      return whole.size || !parts.length ? [whole] : parts.map((part) => meanings(part, false));
    });
    const scores = new Map();
    const score = (term, factor) => {
      const best = new Map();
      for (const [word, likely] of term) {
        const at = index.postings.get(word);
        if (!at) continue;
        const rare = Math.log(1 + (index.sections.length - at.size + 0.5) / (at.size + 0.5));
        for (const [i, weight] of at) {
          const value = (likely * factor * rare * weight * 2.2) / (weight + 1.2 * (0.4 + 0.6 * (index.lengths[i] / index.mean)));
          best.set(i, Math.max(best.get(i) ?? 0, value));
        }
      }
      return best;
    };
    const found = new Set();
    for (const term of wanted) {
      for (const [i, value] of score(term, 1)) {
        const sum = scores.get(i) ?? { value: 0, terms: 0 };
        scores.set(i, { value: sum.value + value, terms: sum.terms + 1 });
      }
      for (const word of term.keys()) found.add(word);
    }
    const asTyped = typed.map(({ word }) => word);
    // What the query would be with the words of the book.
    for (const group of index.phrases) {
      const said = group.filter((phrase) => contains(asTyped, phrase));
      if (!said.length) continue;
      const share = Math.max(...said.map((phrase) => phrase.filter((word) => !IDLE.has(word)).length)) / Math.max(wanted.length, 1);
      for (const phrase of group.filter((other) => !said.includes(other))) {
        const sums = new Map();
        for (const word of phrase) {
          for (const [i, value] of score([[word, 1]], 0.7)) {
            const sum = sums.get(i) ?? [0, 0];
            sums.set(i, [sum[0] + value, sum[1] + 1]);
          }
        }
        for (const [i, [value, hits]] of sums) {
          if (hits < phrase.length) continue;
          const sum = scores.get(i) ?? { value: 0, terms: 0 };
          const mine = (value / phrase.length) * share * wanted.length;
          scores.set(i, { ...sum, value: Math.max(sum.value, mine), terms: Math.max(sum.terms, share * wanted.length) });
        }
        phrase.forEach((word) => found.add(word));
      }
    }
    const asked = (useful.length ? useful : typed).map(({ word }) => word);
    const ranked = [...scores].map(([i, { value, terms }]) => {
      const [, title, , kind] = index.sections[i];
      let boost = (terms / wanted.length) ** 1.5 * KIND[kind] * (LAST.has(title) ? 0.7 : 1);
      // A heading or a phrase of the section that is what was asked.
      const closest = Math.max(...index.sets[i].map((phrase) => {
        const real = phrase.filter((word) => !IDLE.has(word));
        const hits = asked.filter((word, k) => real.some((other) => other === word || (k === asked.length - 1 && word.length > 2 && other.startsWith(word)))).length;
        return hits === asked.length || hits === real.length ? hits ** 2 / Math.max(real.length * asked.length, 1) : 0;
      }));
      boost *= 1 + closest;
      return [i, value * boost];
    });
    ranked.sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    const enough = ranked.filter(([, value]) => value > ranked[0][1] / 15);
    return { hits: enough.map(([i]) => index.sections[i]), found };
  }

  // ---- what is shown
  function excerpt(text, found) {
    const marks = [...words(text)].filter(({ word, parts }) => [word, ...parts].some((w) => found.has(w) && !IDLE.has(w)));
    let best = 0;
    marks.forEach(({ at }, i) => {
      const inside = (j) => new Set(marks.slice(j).filter((m) => m.at < marks[j].at + 140).map((m) => m.word)).size;
      if (i < 40 && inside(i) > inside(best)) best = i;
    });
    const middle = marks.length ? marks[best].at : 0;
    const from = middle < 60 ? 0 : text.indexOf(" ", middle - 50) + 1;
    const to = text.length < from + 180 ? text.length : text.lastIndexOf(" ", from + 170);
    const line = document.createElement("p");
    let at = from;
    if (from) line.append("… ");
    for (const mark of marks.filter((m) => m.at >= from && m.end <= to)) {
      line.append(text.slice(at, mark.at), Object.assign(document.createElement("mark"), { textContent: text.slice(mark.at, mark.end) }));
      at = mark.end;
    }
    line.append(text.slice(at, to), to < text.length ? " …" : "");
    return line;
  }

  function entry([address, title, page, kind, , text], found) {
    const item = document.createElement("li");
    const link = Object.assign(document.createElement("a"), { href: root + address });
    const where = Object.assign(document.createElement("span"), { className: "search-where", textContent: [page, kind].filter(Boolean).join(" · ") });
    link.append(Object.assign(document.createElement("strong"), { textContent: title }), " ", where);
    item.append(link, excerpt(text, found));
    return item;
  }

  function attach(form) {
    const input = form.querySelector("input");
    const dialog = form.closest(".search-button__search-container");
    const overlay = document.querySelector(".search-button__overlay");
    const box = Object.assign(document.createElement("div"), { className: "search-results" });
    const said = Object.assign(document.createElement("p"), { className: "search-said" });
    const list = document.createElement("ol");
    said.setAttribute("role", "status");
    box.append(said, list);
    form.after(box);
    form.setAttribute("role", "search");
    if (dialog) {
      dialog.setAttribute("role", "dialog");
      dialog.setAttribute("aria-label", "Search");
    }

    async function show() {
      const query = input.value.trim();
      try {
        await load();
      } catch {
        said.textContent = "The index of the search did not load.";
        return;
      }
      if (query !== input.value.trim()) return;
      const { hits, found } = query ? search(query) : { hits: [], found: new Set() };
      const most = dialog ? SHOWN.dialog : SHOWN.page;
      list.replaceChildren(...hits.slice(0, most).map((hit) => entry(hit, found)));
      said.textContent = !query ? "" : hits.length ? `${hits.length} ${hits.length === 1 ? "section" : "sections"}, best first` : "Nothing found. Try one word of it, or the name of the loss.";
      if (dialog && hits.length > most) {
        const all = Object.assign(document.createElement("a"), { href: `${root}search.html?q=${encodeURIComponent(query)}`, textContent: "All of them" });
        const item = Object.assign(document.createElement("li"), { className: "search-all" });
        item.append(all);
        list.append(item);
      }
      if (!dialog && location.protocol !== "file:") history.replaceState(null, "", query ? `?q=${encodeURIComponent(query)}` : location.pathname);
    }

    const links = () => [...list.querySelectorAll("a")];
    const close = () => {
      input.focus();
      overlay?.click();
    };
    input.addEventListener("focus", () => load().catch(() => {}));
    input.addEventListener("input", show);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await show();
      if (dialog) links()[0]?.click();
    });
    form.parentElement.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const stops = [input, ...links()];
      const now = stops.indexOf(document.activeElement);
      if (step && now >= 0) {
        event.preventDefault();
        stops[Math.min(Math.max(now + step, 0), stops.length - 1)].focus();
      } else if (event.key === "Escape" && now > 0 && dialog) close();
    });
    if (dialog) {
      list.addEventListener("click", (event) => event.target.closest("a") && dialog.parentElement.classList.remove("show"));
      dialog.addEventListener("focusout", ({ relatedTarget: next }) => next && !dialog.contains(next) && dialog.parentElement.classList.remove("show"));
    } else {
      input.value = new URLSearchParams(location.search).get("q") ?? "";
      input.focus();
      if (input.value) show();
    }
  }

  document.querySelectorAll("form.bd-search").forEach(attach);

  // Who reaches for the search will type in a moment.
  const soon = () => load().catch(() => {});
  document.addEventListener("keydown", ({ key }) => /^(Control|Meta)$/.test(key) && soon());
  document.querySelectorAll(".search-button__button").forEach((button) => button.addEventListener("pointerenter", soon, { once: true }));
})();
