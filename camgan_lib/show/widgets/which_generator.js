// uses: panels draws
// A game: six spectra, three of generators that have seen a camera. The reader chooses three, then sees.

const LETTERS = ["A", "B", "C", "D", "E", "F"];

// The six cards of a round: numbers of spectra, and whether each has seen a camera. They follow from the numbers given.
const dealt = (seed, turn, sizes, kind) => {
  const next = uniform(seed * 7919 + turn * 104729 + kind);
  for (let i = 0; i < 8; i++) next();
  const first = sizes.slice(0, kind).reduce((a, b) => a + b, 0);
  const some = (from, size) => shuffled(Array.from({ length: size }, (_, i) => from + i), next).slice(0, 3);
  const seen = some(0, sizes[0]).map((card) => ({ card, camera: true }));
  return shuffled([...seen, ...some(first, sizes[kind]).map((card) => ({ card, camera: false }))], next);
};

// What the eye sees of a spectrum, for readers who hear it: levels in dB from its median.
const heard = (levels) => {
  const at = (...bins) => signed(bins.reduce((sum, bin) => sum + levels[bin], 0) / bins.length, 0);
  return `from its median: near zero frequency ${at(16 * N + 18, 18 * N + 16)} dB, at ¼ ${at(16 * N + 8, 8 * N + 16)}, at ½ on the axes ${at(16 * N, 16)}, at ½ on the diagonal ${at(0)}`;
};

const makeCard = (letter, press) => {
  const canvas = h("canvas", { width: N, height: N, className: "camgan-picture", "aria-hidden": "true" });
  const mark = h("span", { className: "camgan-choice" }), truth = h("span", { className: "camgan-truth" });
  const button = h("button", { type: "button", className: "camgan-card", onclick: press }, canvas, h("span", {}, letter), mark, truth);
  return { button, canvas, mark, truth };
};

const render = ({ model, el }) => {
  const kinds = model.get("kinds"), names = model.get("names").flat(), sizes = model.get("names").map((each) => each.length);
  const bytes = bytesOf(model.get("levels")), colours = bytesOf(model.get("colours")), [low, high] = model.get("scale");
  const levelsOf = (card) => Array.from(bytes.subarray(card * N * N, (card + 1) * N * N), (b) => low + (b / 255) * (high - low));
  const kind = () => Math.max(1, kinds.indexOf(model.get("against")));
  const cards = LETTERS.map((letter, i) => makeCard(letter, () => press(i)));
  const said = h("output", { className: "camgan-reading", "aria-live": "polite" });
  const measure = h("p", { className: "camgan-note", hidden: true }, aucWords(model.get("aucs")));
  const act = h("button", { type: "button" }, "show which they are");
  const bar = colourBar(colours, "power of the residual (dB from the spectrum's median)");
  bar.scale(low, high);
  let round = [], chosen = new Set(), shown = false, right = 0, rounds = 0;

  const update = () => {
    cards.forEach(({ button, mark, truth }, i) => {
      const picked = chosen.has(i), { card, camera } = round[i];
      button.setAttribute("aria-pressed", String(picked));
      button.setAttribute("aria-disabled", String(shown));
      button.setAttribute("aria-label", `Spectrum ${LETTERS[i]}, ${heard(levelsOf(card))}${shown ? `: ${names[card]}` : ""}`);
      mark.textContent = picked ? "my choice" : "";
      truth.textContent = shown ? `${camera === picked ? "✓" : "✗"} ${names[card]}` : "";
    });
    act.setAttribute("aria-disabled", String(!shown && chosen.size !== 3));
    act.textContent = shown ? "next round" : "show which they are";
    measure.hidden = !shown;
  };
  const deal = () => {
    round = dealt(model.get("seed"), model.get("turn"), sizes, kind());
    chosen = new Set();
    shown = false;
    cards.forEach(({ canvas }, i) => drawLevels(canvas, levelsOf(round[i].card), low, high, colours));
    said.textContent = `Round ${model.get("turn")}: three of the six have seen a camera, three are ${kinds[kind()]}. Choose three.`;
    update();
  };
  const press = (i) => {
    if (shown) return;
    if (chosen.has(i)) chosen.delete(i);
    else if (chosen.size < 3) chosen.add(i);
    said.textContent = chosen.size < 3 ? `${chosen.size} of 3 chosen.` : "Three chosen. Show which they are, or change your choice.";
    update();
  };
  act.addEventListener("click", () => {
    if (shown) {
      model.set("turn", model.get("turn") + 1);
      model.save_changes();
      return;
    }
    if (chosen.size !== 3) {
      said.textContent = `Choose three first; ${chosen.size} are chosen.`;
      return;
    }
    shown = true;
    const found = [...chosen].filter((i) => round[i].camera).length;
    right += found;
    rounds += 1;
    said.textContent = `${found} of your 3 have seen a camera. So far ${right} of ${3 * rounds}, ${((100 * right) / (3 * rounds)).toFixed(0)} %; guessing gives half.`;
    update();
  });

  el.classList.add("camgan-live", "camgan-game");
  const level = kinds.length > 2 ? [choice(model, "against", "the other three are", kinds.slice(1).map((name) => [name, name]))] : [];
  el.append(group("Game", ...level, act), h("div", { className: "camgan-cards", role: "group", "aria-label": "Spectra of generators" }, ...cards.map(({ button }) => button)), bar.box, said, measure);
  model.on("change:turn", deal);
  model.on("change:seed", deal);
  model.on("change:against", () => {
    right = rounds = 0;
    deal();
  });
  deal();
};

const aucWords = (aucs) => {
  const each = Object.entries(aucs).map(([name, auc]) => `${auc.toFixed(2)} (${name})`).join(", ");
  return `The book's measure is an AUC: how surely one generator of a set is told from the others by the spectra of its outputs. It is ${each}. It says that spectra tell generators apart, and not which of them has seen a camera.`;
};

export default { render };
