// A form of a chapter's parameters: checks each value as the command line would, and shows the command and the profile
// that run the chapter with them, and what they would change.

// --- the command line's rules (camgan_lib/params.py); `text` as it stands after name=

const INTEGER = /^[+-]?\d+(_\d+)*(\.0+)?$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const MISPLACED = /^_|__|_$/;
const TRUTHS = ["true", "false", "1", "0", "yes", "no", "on", "off", "t", "f", "y", "n"];

const allowed = (declared, given) => {
  const text = given.trim();
  if (declared.choices) return declared.choices.includes(text);
  if (declared.type === "str") return true;
  if (declared.type === "bool") return TRUTHS.includes(text.toLowerCase());
  const plain = text.replaceAll("_", "");
  if (declared.type === "int" ? !INTEGER.test(text) : MISPLACED.test(text) || !NUMBER.test(plain)) return false;
  const value = Number(plain);
  if (!Number.isFinite(value)) return false;
  return declared.lowest === null || (value >= declared.lowest && value <= declared.highest);
};

const refusal = (chapter, declared, text) => {
  const range = declared.range === "any" ? "" : ` (${declared.range})`;
  return `${chapter}.${declared.name} must be of type ${declared.type}${range}, got '${text.trim()}'`;
};

// --- what to run

const quoted = (text) => (/^[\w.,:/+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
const asYaml = (declared, text) =>
  declared.type === "str" ? JSON.stringify(text.trim()) : declared.type === "bool" ? String(["true", "1", "yes", "on", "t", "y"].includes(text.trim().toLowerCase())) : text.trim();

const render = ({ model, el }) => {
  const chapter = model.get("chapter"), profile = model.get("profile"), declared = model.get("declared");
  const fields = new Map(declared.map((each) => [each.name, fieldOf(each, chapter)]));
  const outputs = ["one chapter", "the whole book", "as a profile, mine.yml"].map((title) => codeBox(title));
  const effect = h("p", { className: "camgan-effect", "aria-live": "polite" });
  const reset = h("button", { type: "button" }, "this run's values");

  const update = () => {
    const texts = Object.fromEntries(declared.map(({ name }) => [name, fields.get(name).input.value]));
    const wrong = declared.filter((each) => !allowed(each, texts[each.name]));
    for (const each of declared) fields.get(each.name).complain(wrong.includes(each) ? refusal(chapter, each, texts[each.name]) : "");
    const said = declared.filter((each) => texts[each.name].trim() !== each.base);
    const changed = declared.filter((each) => texts[each.name].trim() !== each.value);
    const settings = (prefix) => said.map((each) => ` -p ${quoted(`${prefix}${each.name}=${texts[each.name].trim()}`)}`).join("");
    const lines = said.map((each) => `    ${each.name}: ${asYaml(each, texts[each.name])}`);
    const none = wrong.length ? "(a value above is not allowed)" : null;
    outputs[0].show(none ?? `camgan run ${chapter} --profile ${quoted(profile)}${settings("")}`);
    outputs[1].show(none ?? `camgan book --profile ${quoted(profile)}${settings(`${chapter}.`)}`);
    outputs[2].show(none ?? (lines.length ? `chapters:\n  ${chapter}:\n${lines.join("\n")}` : "chapters: {}"));
    effect.textContent = effectOf(model, changed);
    model.set("texts", texts);
    model.save_changes();
  };
  reset.addEventListener("click", () => {
    for (const each of declared) fields.get(each.name).input.value = each.value;
    update();
  });

  el.classList.add("camgan-live", "camgan-form");
  el.append(
    h("p", {}, "The values of this run. Change some to see what to type to run it with them; nothing runs here."),
    h("div", { className: "camgan-fields" }, ...declared.map(({ name }) => fields.get(name).row)),
    reset, effect, ...outputs.map((each) => each.box)
  );
  for (const { input } of fields.values()) input.addEventListener("input", update);
  update();
};

const effectOf = (model, changed) => {
  if (!changed.length) return "These are the values of this run: nothing would change.";
  const trains = [...new Set(changed.flatMap((each) => each.trains))];
  const words = trains.length ? `Trained anew, unless they are in the store: ${trains.join(" and ")}.` : "No network would be trained anew.";
  return `Executed anew: ${model.get("executed_anew").join(", ")}. ${words}`;
};

// A row of the form: name, field, range and meaning, and a place for a complaint.
const fieldOf = (declared, chapter) => {
  const id = `${chapter}-${declared.name}`;
  const choices = declared.choices ?? (declared.type === "bool" ? ["true", "false"] : null);
  const input = choices
    ? h("select", { id }, ...choices.map((each) => h("option", { value: each }, each || "(empty)")))
    : h("input", { id, type: "text", spellcheck: false, autocomplete: "off" });
  input.value = declared.value;
  input.setAttribute("aria-describedby", `${id}-about`);
  const complaint = h("span", { className: "camgan-complaint", role: "alert" });
  const about = h("span", { id: `${id}-about`, className: "camgan-about" }, `${declared.meaning} [${declared.type}; ${declared.range}; default ${String(declared.default) || "empty"}]`);
  const row = h("div", { className: "camgan-field" }, h("label", { htmlFor: id }, declared.name), input, h("div", {}, about, complaint));
  return {
    input,
    row,
    complain(text) {
      complaint.textContent = text;
      input.setAttribute("aria-invalid", String(Boolean(text)));
    },
  };
};

// Text to copy, with a button; where the clipboard is closed the text is selected instead.
const codeBox = (title) => {
  const code = h("code", {});
  const said = h("output", {});
  const copy = h("button", { type: "button", "aria-label": `copy: ${title}` }, "copy");
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      said.textContent = "copied";
    } catch {
      getSelection().selectAllChildren(code);
      said.textContent = "selected: copy it by keyboard";
    }
  });
  const box = h("div", { className: "camgan-code" }, h("div", {}, title, " ", copy, " ", said), h("pre", { tabIndex: 0 }, code));
  return { box, show: (text) => (code.textContent = text) };
};

export default { render, allowed };
