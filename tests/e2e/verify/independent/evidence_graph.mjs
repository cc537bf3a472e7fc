// Which records of an evidence file belong to its workflow, and what is missing (evidence.md).
import { bad } from './verdict.mjs';
import { decode_uuid, is_object } from './text.mjs';

const LEVELS = ['L1', 'L2', 'L3'];
const weakest = (a, b) => (LEVELS.indexOf(a) < LEVELS.indexOf(b) ? a : b);

function node_of({ index, claims }) {
  const { id, parents, extension, act, workflow } = claims;
  const found = extension[`pawl.${act.split('.')[0]}`];
  const body =
    extension['pawl.profile'] === 'urn:pawl:profile:1' && is_object(found) ? found : {};
  const own = body.level === undefined ? 'L3' : LEVELS.includes(body.level) ? body.level : 'L1';
  const is_open = own !== 'L3' || body.graph !== undefined;
  const is_declared = (i) => !Array.isArray(body.basis) || body.basis[i] === 'declared';
  // Of somebody else's token (records.md, token.received): the id is the token's.
  const is_token = act === 'token.received' && body === found && decode_uuid(body.id) !== null;
  return { index, id: is_token ? decode_uuid(body.id) : id, is_token, parents, workflow: workflow === undefined ? null : decode_uuid(workflow),
           level: own, is_accounted: (i) => is_open && is_declared(i) };
}

function check_places(nodes) {
  const places = new Map();
  for (const node of nodes) {
    const first = places.get(node.id);
    if (first !== undefined && !(first.is_token && node.is_token)) bad(`entry ${node.index} has the jti of entry ${first.index}`);
    if (first === undefined) places.set(node.id, node);
  }
  for (const { index, parents, is_token } of nodes) {
    if (is_token) continue;
    const later = parents.find((id) => places.get(id)?.index >= index);
    if (later !== undefined) bad(`entry ${index} came from ${later}, which stands behind it`);
  }
  return places;
}

// Backwards: what came from a record stands behind it.
function check_reasons(nodes, workflow, places) {
  const named = new Set();
  for (const { index, id, parents, workflow: own } of nodes.toReversed()) {
    const follows = own === null && parents.some((one) => places.get(one)?.workflow === workflow);
    if (own !== workflow && !named.has(id) && !follows) {
      bad(`entry ${index} is of another workflow, and nothing of this one came from it`);
    }
    for (const one of parents) named.add(one);
  }
}

// `shown`: [{ index, claims }] in the order of the log. { level, missing }, the latter a Map from id
// to { child, accounted }.
export function read_evidence_graph(shown, workflow) {
  const nodes = shown.map(node_of);
  const places = check_places(nodes);
  if (!nodes.some((node) => node.workflow === workflow)) bad('no record is of the workflow');
  check_reasons(nodes, workflow, places);
  const missing = new Map();
  let level = 'L3';
  for (const node of nodes) {
    node.parents.forEach((id, i) => {
      const parent = places.get(id);
      if (parent !== undefined) {
        if (parent.index < node.index) node.level = weakest(node.level, parent.level);
      } else if (missing.get(id)?.accounted !== false) {
        missing.set(id, { child: node.index, accounted: node.is_accounted(i) });
      }
    });
    level = weakest(level, node.level);
  }
  return { level, missing };
}
