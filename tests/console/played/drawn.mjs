// A workflow's graph as the gateway answers it: all records up to 500; of more, groups by agent and depth,
// of which `expand` opens one.

const MOST = 500;
const OPENED = 200;

function depths_of(rows) {
  const depths = new Map();
  for (const row of rows) {
    depths.set(row.id, Math.max(-1, ...row.causes.map((cause) => depths.get(cause.id) ?? -1)) + 1);
  }
  return depths;
}

export function drawn(id, rows, expand) {
  const depths = depths_of(rows);
  let width = 1;
  const group_of = (row) => `g:${row.agent}:${Math.floor(depths.get(row.id) / width) * width}`;
  while (rows.length > MOST && new Set(rows.map(group_of)).size > 300) {
    width *= 2;
  }
  const place = new Map();
  const nodes = new Map();
  const opened = { count: 0 };
  for (const row of rows) {
    const group = group_of(row);
    const is_shown = rows.length <= MOST || (group === expand && (opened.count += 1) <= OPENED);
    place.set(row.id, is_shown ? row.id : group);
    if (is_shown) {
      const { causes, claims, token, workflow, ...shown } = row;
      nodes.set(row.id, { ...shown, depth: depths.get(row.id) });
    } else {
      const count = (nodes.get(group)?.count ?? 0) + 1;
      nodes.set(group, { group, agent: row.agent, depth: Number(group.split(':').at(-1)), count });
    }
  }
  const edges = new Map();
  for (const row of rows) {
    for (const { id: from, basis } of row.causes) {
      const [a, b] = [place.get(from), place.get(row.id)];
      if (a && a !== b) {
        edges.set(`${a} ${b} ${basis}`, { from: a, to: b, basis });
      }
    }
  }
  return { id, total: rows.length, left_out: 0, truncated: false, nodes: [...nodes.values()],
    edges: [...edges.values()], elsewhere: 0, edges_left_out: 0 };
}
