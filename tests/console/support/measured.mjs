// What a page does to its main thread and its heap while something happens: tasks from the browser's own trace,
// the heap after a collection. Times are processor time of the thread where the trace has it, so that a busy
// machine does not fail the page.
//
//   const { tasks, heap } = await measured(page, async () => { ... });
//   tasks: {count, longest, p95, p95_of_work, wall_longest} in ms; heap: bytes before and after

const CATEGORIES = ['__metadata', 'disabled-by-default-devtools.timeline'];
const WORK_MS = 1;  // shorter tasks are timers and messages that do nothing

async function heap_of(client) {
  await client.send('HeapProfiler.collectGarbage');
  await client.send('HeapProfiler.collectGarbage');
  return (await client.send('Runtime.getHeapUsage')).usedSize;
}

const quantile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;

function tasks_of(trace) {
  const main = new Set(trace.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
    .map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = trace.filter(({ name, ph, pid, tid }) => name === 'RunTask' && ph === 'X' && main.has(`${pid} ${tid}`));
  const sorted = (of) => tasks.map(of).sort((a, b) => a - b);
  const used = sorted(({ tdur, dur }) => (tdur ?? dur) / 1000);
  return { count: used.length, longest: used.at(-1) ?? 0, p95: quantile(used, 0.95),
    p95_of_work: quantile(used.filter((ms) => ms >= WORK_MS), 0.95),
    wall_longest: sorted(({ dur }) => dur / 1000).at(-1) ?? 0, has_thread_time: tasks.some(({ tdur }) => tdur !== undefined) };
}

export async function measured(page, act) {
  const client = await page.context().newCDPSession(page);
  await client.send('HeapProfiler.enable');
  const browser = page.context().browser();
  await browser.startTracing(page, { categories: CATEGORIES });
  const during = [];
  await act(async () => during.push(await heap_of(client)));
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  return { tasks: tasks_of(traceEvents), heap: during };
}
