// The page around the text: one switch for all code of the page, and links that open what they lead to.
(() => {
  const KEY = "camgan-code";
  const remembered = () => {
    try {
      return sessionStorage.getItem(KEY) === "shown";
    } catch {
      return false;
    }
  };
  const remember = (shown) => {
    try {
      sessionStorage.setItem(KEY, shown ? "shown" : "folded");
    } catch {
      // A browser may forbid it: the page then forgets.
    }
  };

  // What an address leads to may be folded: everything around it is opened first.
  const reveal = () => {
    let name = location.hash.slice(1);
    try {
      name = decodeURIComponent(name);
    } catch {
      // Not an address of ours.
    }
    const target = name && document.getElementById(name);
    if (!target) return;
    let opened = false;
    for (let each = target.closest("details"); each; each = each.parentElement.closest("details")) {
      opened ||= !each.open;
      each.open = true;
    }
    if (opened) target.scrollIntoView();
  };

  const makeSwitch = (codes, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "camgan-all-code";
    const anyFolded = () => codes.some((each) => !each.open);
    const say = () => (button.textContent = anyFolded() ? "Show all code" : "Hide all code");
    const set = (shown) => codes.forEach((each) => (each.open = shown));
    button.addEventListener("click", () => {
      const shown = anyFolded();
      set(shown);
      remember(shown);
      say();
    });
    for (const each of codes) each.addEventListener("toggle", say);
    if (remembered()) set(true);
    say();
    place.append(button);
  };

  const start = () => {
    const codes = [...document.querySelectorAll("details.camgan-source")];
    const place = document.querySelector(".camgan-tools");
    if (codes.length && place) makeSwitch(codes, place);
    reveal();
    addEventListener("hashchange", reveal);
    // A second click on the same link changes no address.
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("a[href^='#']");
      if (link && link.hash === location.hash) reveal();
    });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
