// One listener for each signal, whatever the number of calls that share it: listeners are slow to add and to find.
"use strict";

/** For each signal the ids of its calls, and the listener. */
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

/** A call has ended. The last one takes the listener with it. */
function unwatch(signal, id) {
  const { ids, listener } = watched.get(signal);
  ids.delete(id);
  if (ids.size > 0) return;
  watched.delete(signal);
  signal.removeEventListener("abort", listener);
}

module.exports = { watch, unwatch };
