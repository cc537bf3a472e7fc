// Traces of approvals (approval_traces.mjs) in which something happened that must not: each changes a
// true trace in one place, or gives nothing where it has no such place.

const index_of = (trace, event) => trace.events.findIndex((one) => one.event === event);
const with_events = (trace, events) => ({ ...trace, events });
const put = (trace, at, ...events) => with_events(trace, trace.events.toSpliced(at, 0, ...events));
const spend = (use) => ({ event: 'intent', a: use, b: 0 });
const executed = (trace, use, more) => ({ ...trace,
  executed: trace.executed.map((times, of) => times + (of === use ? more : 0)) });

/** Behind the first event of a name. */
const behind = (event, make) => (trace) => {
  const at = index_of(trace, event);
  return at < 0 ? undefined : make(trace, at, trace.events[at]);
};

/** @type {Record<string, (trace: import('./approval_traces.mjs').Trace) => object | undefined>} */
export const MUTATIONS = {
  'a use spent twice': behind('intent', (trace, at, intent) =>
    executed(put(trace, at + 1, intent), intent.a, 1)),

  'a use spent again after a crash': behind('answered', (trace, at, { a: use }) =>
    executed(put(trace, trace.events.length, { event: 'crash', a: 0, b: 0 }, spend(use)), use, 1)),

  'one signature of two': behind('intent', (trace, at) => with_events(trace, trace.events.filter(
    ({ event, a }) => event !== 'signed' || a !== 0))),

  'two signatures on different things': behind('intent', (trace, at) => {
    const last = trace.events.slice(0, at).findLastIndex(({ event }) => event === 'signed');
    const uses = [...trace.uses, trace.uses[trace.events[last].b]];
    return { ...with_events(trace, trace.events.with(last, { ...trace.events[last],
      b: uses.length - 1 })), uses };
  }),

  'an execution after a denial': behind('denied', (trace, at) =>
    executed(put(trace, at + 1, spend(1)), 1, 1)),

  'a denial in the place of the last signature': behind('intent', (trace, at) => {
    const last = trace.events.slice(0, at).findLastIndex(({ event }) => event === 'signed');
    return with_events(trace, trace.events.with(last, { ...trace.events[last], event: 'denied', b: 0 }));
  }),

  'a use beyond the grant': behind('delivered', (trace) => index_of(trace, 'intent') < 0 ? undefined
    : executed(put(trace, trace.events.length, spend(3)), 3, 1)),

  'a decision after the end': behind('expired', (trace, at) => ({ ...put(trace, at + 1,
    { event: 'signed', a: 0, b: 1 }), uses: [0, 1] })),

  'a call that went through while people were asked': behind('requested', (trace, at) =>
    executed(put(trace, at + 1, spend(1)), 1, 1)),

  'an execution without an intent': behind('requested', (trace) => executed(trace, 1, 1)),

  'an answer to a call that was not executed': behind('answered', (trace, at, { a: use }) =>
    executed(trace, use, -1)),

  'a caller told before it was decided': behind('requested', (trace, at) =>
    put(trace, at + 1, { event: 'delivered', a: 0, b: 0 })),

  'two requests': behind('requested', (trace, at, request) => put(trace, at + 1, request)),
};
