// A form of a chapter's parameters. It checks each value as the command line would, shows the command and the profile
// that run the chapter with these values, and says what they would change.

// --- what is allowed: a parameter's JSON Schema decides, as pydantic made it for the command line's model

// A text as the command line reads it for a type of JSON Schema; undefined where it can't be read.
const READ = {
  string: (text) => text,
  boolean: (text) => (/^(true|1|yes|on|t|y)$/i.test(text) ? true : /^(false|0|no|off|f|n)$/i.test(text) ? false : undefined),
  integer: (text) => (/^[+-]?\d+(_\d+)*(\.0+)?$/.test(text) ? finite(text) : undefined),
  number: (text) => (NUMBER.test(text) ? finite(text) : undefined),
};
const DIGITS = String.raw`\d+(_\d+)*`;
const NUMBER = new RegExp(String.raw`^[+-]?(${DIGITS}\.?(${DIGITS})?|\.${DIGITS})(e[+-]?${DIGITS})?$`, "i");

const finite = (text) => {
  const value = Number(text.replaceAll("_", ""));
  return Number.isFinite(value) ? value : undefined;
};

const allowed = (schema, text) => {
  const value = READ[schema.type](text.trim());
  const { minimum = -Infinity, maximum = Infinity, enum: choices } = schema;
  if (value === undefined || (choices && !choices.includes(value))) return false;
  return typeof value !== "number" || (value >= minimum && value <= maximum);
};

// --- what to run

const quoted = (text) => (/^[\w.,:/+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
const asYaml = (schema, text) =>
  schema.type === "string" ? JSON.stringify(text.trim()) : schema.type === "boolean" ? String(READ.boolean(text.trim())) : text.trim();

const render = ({ model, el }) => {
  const chapter = model.get("chapter"), profile = model.get("profile");
  const rules = model.get("schema").properties, declared = model.get("fields");
  const fields = new Map(declared.map((each) => [each.name, fieldOf(each, rules[each.name], chapter)]));
  const outputs = ["one chapter", "the whole book", "as a profile, mine.yml"].map((title) => codeBox(title));
  const effect = h("p", { className: "camgan-effect", "aria-live": "polite" });
  const reset = h("button", { type: "button" }, "this run's values");

  const update = () => {
    const texts = Object.fromEntries(declared.map(({ name }) => [name, fields.get(name).input.value]));
    const wrong = declared.filter((each) => !allowed(rules[each.name], texts[each.name]));
    for (const each of declared) fields.get(each.name).complain(wrong.includes(each) ? texts[each.name] : null);
    const said = declared.filter((each) => texts[each.name].trim() !== each.base);
    const changed = declared.filter((each) => texts[each.name].trim() !== each.value);
    const settings = (prefix) => said.map((each) => ` -p ${quoted(`${prefix}${each.name}=${texts[each.name].trim()}`)}`).join("");
    const lines = said.map((each) => `    ${each.name}: ${asYaml(rules[each.name], texts[each.name])}`);
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

// A row of the form: name, field, meaning and what is expected, and a place for a complaint about a text.
const fieldOf = ({ name, value, expected }, schema, chapter) => {
  const id = `${chapter}-${name}`;
  const choices = schema.enum ?? (schema.type === "boolean" ? ["true", "false"] : null);
  const input = choices
    ? h("select", { id }, ...choices.map((each) => h("option", { value: each }, each || "(empty)")))
    : h("input", { id, type: "text", spellcheck: false, autocomplete: "off" });
  input.value = value;
  input.setAttribute("aria-describedby", `${id}-about`);
  const complaint = h("span", { className: "camgan-complaint", role: "alert" });
  const usual = schema.default === "" ? "empty" : schema.default;
  const about = h("span", { id: `${id}-about`, className: "camgan-about" }, `${schema.description} [${expected}; default ${usual}]`);
  const row = h("div", { className: "camgan-field" }, h("label", { htmlFor: id }, name), input, h("div", {}, about, complaint));
  return {
    input,
    row,
    complain(text) {
      complaint.textContent = text === null ? "" : `${chapter}.${name} must be of type ${expected}, got '${text.trim()}'`;
      input.setAttribute("aria-invalid", String(text !== null));
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
