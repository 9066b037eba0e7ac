// A picture file of the reader's: chosen or dropped, opened in the page, sent nowhere.

const MOST_MEGAPIXELS = 100;
const UNREAD = "this browser reads no picture in it";
const HEIC = "; few browsers but Safari read HEIC, so save it as JPEG";

// Width and height that a file says it has, before its pixels are decoded. Rejects for what is no picture.
const sizeOf = (file) =>
  new Promise((resolve, reject) => {
    const image = new Image(), url = URL.createObjectURL(file);
    const done = (act) => () => (URL.revokeObjectURL(url), act());
    image.onload = done(() => resolve([image.naturalWidth, image.naturalHeight]));
    image.onerror = done(() => reject(new Error(UNREAD + (/\.hei[cf]$/i.test(file.name) ? HEIC : ""))));
    image.src = url;
  });

// The bitmap of a file with at least `least` pixels on each side. Its levels are those of the file, whatever its colour
// profile. It is turned as its EXIF data say, because the book's crops are cut from photos as they are shown.
// Throws an Error whose message ends the sentence "NAME can't be shown: …".
const openPhoto = async (file, least) => {
  const [width, height] = await sizeOf(file), millions = (width * height) / 1e6;
  if (millions > MOST_MEGAPIXELS)
    throw new Error(`it has ${Math.round(millions)} megapixels, and this page reads at most ${MOST_MEGAPIXELS}; cut a part out of it`);
  if (Math.min(width, height) < least) throw new Error(`at least ${least}×${least} pixels were expected, it has ${width}×${height}`);
  try {
    return await createImageBitmap(file, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  } catch {
    throw new Error("the file is damaged, or this browser doesn't read its format");
  }
};

// RGB bytes of `side`×`side` pixels of a bitmap at each of `corners` ([left, top]), one after the other.
const cutter = (bitmap, side) => {
  let canvas = null;
  return (corners) => {
    if (canvas?.height !== side * corners.length) canvas = new OffscreenCanvas(side, side * corners.length);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.clearRect(0, 0, side, canvas.height);
    corners.forEach(([left, top], i) => context.drawImage(bitmap, left, top, side, side, 0, i * side, side, side));
    const { data } = context.getImageData(0, 0, side, canvas.height);
    const rgb = new Uint8Array((3 * data.length) / 4);
    for (let i = 0, j = 0; j < rgb.length; i += 4, j += 3) {
      rgb[j] = data[i];
      rgb[j + 1] = data[i + 1];
      rgb[j + 2] = data[i + 2];
    }
    return rgb;
  };
};

// A fieldset that takes a file, chosen or dropped on it. `opened(bitmap, name)` gets its bitmap; `said` is an output.
const photoField = (title, words, least, opened) => {
  const said = h("output", { className: "camgan-status", "aria-live": "polite" });
  const file = h("input", { type: "file", accept: "image/*,.heic,.heif", "aria-label": "a picture of your own" });
  const box = h("fieldset", { className: "camgan-group camgan-drop" }, h("legend", {}, title), h("span", {}, words), file);
  const open = async (chosen) => {
    if (!chosen) return;
    said.textContent = `Opening ${chosen.name} …`;
    try {
      await opened(await openPhoto(chosen, least), chosen.name);
    } catch (error) {
      said.textContent = `${chosen.name} can't be shown: ${error.message}.`;
    }
  };
  file.addEventListener("change", () => open(file.files[0]));
  box.addEventListener("dragover", (event) => {
    event.preventDefault();
    box.classList.add("is-over");
  });
  box.addEventListener("dragleave", () => box.classList.remove("is-over"));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    box.classList.remove("is-over");
    open(event.dataTransfer.files[0]);
  });
  return { box, said, clear: () => (file.value = said.textContent = "") };
};
