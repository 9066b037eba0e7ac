// Runs the widgets of a built page without a kernel: each gets a model that only the page holds, its state from the
// page, and where it names traits for the address, these from the address and back.
// The address of a view is #view:name=value&name=value, so that it stays apart from the anchors of sections.
// Weights of networks lie beside this script, in `networks`.
globalThis.CAMGAN_NETWORKS = {};
(() => {
  const here = document.currentScript?.src || document.baseURI;
  const bytes = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);

  const fromAddress = () =>
    location.hash.startsWith("#view:") ? new URLSearchParams(location.hash.slice(6)) : new URLSearchParams();

  // Text of an address as a value of the type that the trait has; undefined where it is none.
  const asTypeOf = (known, text) => {
    if (typeof known === "string") return text;
    try {
      const value = JSON.parse(text);
      return typeof value === typeof known && Array.isArray(value) === Array.isArray(known) ? value : undefined;
    } catch {
      return undefined;
    }
  };

  const toAddress = (state, names, defaults) => {
    const said = fromAddress();
    for (const name of names) {
      const text = typeof state[name] === "string" ? state[name] : JSON.stringify(state[name]);
      if (JSON.stringify(state[name]) === JSON.stringify(defaults[name])) said.delete(name);
      else said.set(name, text);
    }
    history.replaceState(null, "", said.size ? `#view:${said}` : location.pathname + location.search);
  };

  const makeModel = (state, names) => {
    const listeners = new Map();
    const defaults = structuredClone(Object.fromEntries(names.map((name) => [name, state[name]])));
    const said = fromAddress();
    for (const name of names) {
      const value = said.has(name) ? asTypeOf(state[name], said.get(name)) : undefined;
      if (value !== undefined) state[name] = value;
    }
    const tell = (event) => (listeners.get(event) ?? []).forEach((listener) => listener());
    const later = () => toAddress(state, names, defaults);
    let timer;
    return {
      get: (name) => state[name],
      set(name, value) {
        if (JSON.stringify(state[name]) === JSON.stringify(value)) return;
        state[name] = value;
        tell(`change:${name}`);
        tell("change");
      },
      save_changes() {
        if (!names.length) return;
        clearTimeout(timer);
        timer = setTimeout(later, 150);
      },
      on: (event, listener) => listeners.set(event, [...(listeners.get(event) ?? []), listener]),
      off: (event, listener) => listeners.set(event, (listeners.get(event) ?? []).filter((each) => each !== listener)),
      send() {},
      networkAt: (id) => new URL(`networks/${id}.js`, here).href,
      live: false,
    };
  };

  const loaded = new Map();
  const load = (name) => {
    if (!loaded.has(name)) {
      const url = URL.createObjectURL(new Blob(CAMGAN_MODULES[name].map((file) => CAMGAN_FILES[file]), { type: "text/javascript" }));
      loaded.set(name, import(url));
    }
    return loaded.get(name);
  };

  const start = async (root) => {
    const about = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
    for (const each of root.querySelectorAll("script[data-name]"))
      about.state[each.dataset.name] = bytes(each.textContent);
    const module = await load(about.module);
    const el = document.createElement("div");
    root.append(el);
    await module.default.render({ model: makeModel(about.state, about.address), el });
    root.dataset.ready = "true";
  };

  const startAll = () => document.querySelectorAll(".camgan-widget").forEach(start);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", startAll);
  else startAll();
})();
