// uses: kernels, engine
// Opens the networks of a widget and runs them: at once in the page, or many crops in workers beside it.
//
// A widget's trait `networks` says which there are. Their weights come when they are first asked for: in a built page
// by a classic script, `CAMGAN_NETWORKS[id] = base64`, as a browser fetches nothing from disk; else from the kernel.
// What is opened is kept on the page for all widgets: each widget's module has a copy of this code.

const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

const camganShared = (globalThis.camganShared ??= { weights: new Map(), networks: new Map() });

// What `make` promises, made once per key; a failure is not kept.
const once = (map, key, make) => {
  if (!map.has(key)) {
    const made = make();
    map.set(key, made);
    made.catch(() => map.delete(key));
  }
  return map.get(key);
};

const wasmModules = () =>
  (camganShared.modules ??= Object.fromEntries(
    Object.entries(CAMGAN_KERNELS).map(([kind, text]) => [kind, fromBase64(text)])
  ));

const aboutNetwork = (model, id) => {
  const about = (model.get("networks") ?? []).find((each) => each.id === id);
  if (!about) throw new Error(`this widget has no network ${id}`);
  return about;
};

const weightsFromPage = (address, { id, name }) =>
  new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => {
      const text = globalThis.CAMGAN_NETWORKS?.[id];
      if (!text) return reject(new Error(`the file of the network ${name} is damaged`));
      delete globalThis.CAMGAN_NETWORKS[id];
      resolve(fromBase64(text).buffer);
    };
    script.onerror = () => reject(new Error(`the network ${name} is not there: its file networks/${id}.js is missing`));
    document.head.append(script);
    script.remove();
  });

const weightsFromKernel = (model, { id, name }) =>
  new Promise((resolve, reject) => {
    const late = setTimeout(() => finish(reject, new Error(`the kernel did not send the network ${name}`)), 30_000);
    const finish = (how, what) => {
      clearTimeout(late);
      model.off("msg:custom", hear);
      how(what);
    };
    const hear = (message, buffers) => {
      if (message.sent === id) finish(resolve, bytesOf(buffers[0]).slice().buffer);
    };
    model.on("msg:custom", hear);
    model.send({ want: id });
  });

const weightsOf = (model, id) =>
  once(camganShared.weights, id, async () => {
    const about = aboutNetwork(model, id);
    return model.networkAt ? weightsFromPage(model.networkAt(id), about) : weightsFromKernel(model, about);
  });

// A network by its id: `logits(levels, count)`, `stylise(levels, side)`, `classes`, `kind`, `name`.
const openNetwork = (model, id) =>
  once(camganShared.networks, id, async () => {
    const { name, classes } = aboutNetwork(model, id);
    return { name, classes, ...(await camganEngine().makeNetwork(await weightsOf(model, id), wasmModules())) };
  });

// Rows of `classes` logits to probabilities.
const probabilities = (logits, classes = logits.length) => {
  const out = new Float32Array(logits.length);
  for (let first = 0; first < logits.length; first += classes) {
    const row = logits.subarray(first, first + classes), top = Math.max(...row);
    const powers = Array.from(row, (each) => Math.exp(each - top)), sum = powers.reduce((a, b) => a + b);
    powers.forEach((each, i) => (out[first + i] = each / sum));
  }
  return out;
};

// The code of a worker with a network of its own: it takes the network first, then crops.
const workerCode = () => `
const camganPlain = ${camganPlain};
const camganCamera = ${camganCamera};
const camganLayers = ${camganLayers};
const camganEngine = ${camganEngine};
const opened = new Promise((resolve, reject) => {
  onmessage = ({ data }) => {
    camganEngine().makeNetwork(data.weights, data.modules, data.only).then(resolve, reject);
    onmessage = async ({ data: { levels, count } }) => {
      try {
        const logits = (await opened).logits(levels, count);
        postMessage({ logits }, [logits.buffer]);
      } catch (error) {
        postMessage({ error: error.message });
      }
    };
  };
});
opened.catch(() => {}); // each answer says so
`;

const CROPS = 3 * 32 * 32;
const TASK = 48; // crops that a worker gets at a time

// Workers that share the work of a classifier: `logits(levels, count)` promises its answers, in order.
const makePool = async (model, id, only) => {
  const weights = await weightsOf(model, id), size = Math.min(8, navigator.hardwareConcurrency || 1);
  const url = URL.createObjectURL(new Blob([workerCode()], { type: "text/javascript" }));
  const queue = [];
  let closed = null;

  // A worker has its next task already while it does one: it does not wait for a page that draws.
  const next = (worker) => {
    while (worker.tasks.length < 2 && queue.length) {
      const task = queue.shift(), { levels, count } = task;
      worker.tasks.push(task);
      worker.postMessage({ levels, count }, [levels.buffer]);
    }
  };
  const workers = Array.from({ length: size }, () => {
    const worker = Object.assign(new Worker(url), { tasks: [] });
    worker.onmessage = ({ data }) => {
      const { done, fail } = worker.tasks.shift();
      if (data.error) fail(new Error(data.error));
      else done(data.logits);
      next(worker);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      stop(new Error(`a worker of this page stopped (${event.message})`));
    };
    worker.postMessage({ weights, modules: wasmModules(), only });
    return worker;
  });
  URL.revokeObjectURL(url);

  const stop = (error) => {
    closed ??= error;
    for (const worker of workers) worker.terminate();
    for (const { fail } of [...queue.splice(0), ...workers.flatMap((each) => each.tasks.splice(0))]) fail(error);
  };

  const give = (levels, count) =>
    new Promise((done, fail) => {
      queue.push({ levels, count, done, fail });
      next(workers.reduce((a, b) => (b.tasks.length < a.tasks.length ? b : a)));
    });

  return {
    size,
    async logits(levels, count) {
      if (closed) throw closed;
      const parts = [];
      for (let first = 0; first < count; first += TASK) {
        const some = Math.min(TASK, count - first);
        parts.push(give(levels.slice(CROPS * first, CROPS * (first + some)), some));
      }
      const found = await Promise.all(parts);
      const all = new Float32Array(found.reduce((sum, part) => sum + part.length, 0));
      found.reduce((at, part) => (all.set(part, at), at + part.length), 0);
      return all;
    },
    close: () => stop(new Error("this pool of workers is closed")),
  };
};
