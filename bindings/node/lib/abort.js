// Abort signals: one listener for each signal, however many calls share it, since listeners are slow to add and find.
"use strict";

/** The ids of the calls of each signal, and its listener. */
const watched = new WeakMap();

/** Calls `abort` with the id when the signal is aborted. */
function watch(signal, id, abort) {
  let watch = watched.get(signal);
  if (!watch) {
    const ids = new Set();
    watch = { ids, listener: () => ids.forEach((id) => abort(id)) };
    watched.set(signal, watch);
    signal.addEventListener("abort", watch.listener);
  }
  watch.ids.add(id);
}

/** Forgets a call that ended. The last one removes the listener. */
function unwatch(signal, id) {
  const { ids, listener } = watched.get(signal);
  ids.delete(id);
  if (ids.size > 0) return;
  watched.delete(signal);
  signal.removeEventListener("abort", listener);
}

module.exports = { watch, unwatch };
